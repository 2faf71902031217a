package io.daxtier.memory;

import io.daxtier.memory.DaxMemoryException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How large a device is and in which units it can be mapped. A character device's numbers come from
 * sysfs, found by its device number since names may differ inside a container; {@code fstat} and
 * {@code lseek} say 0 for it.
 *
 * @param sizeBytes bytes that exist
 * @param alignBytes a mapping's length must be a multiple of this; 1 for a regular file
 * @see <a href="https://docs.kernel.org/admin-guide/abi-testing.html">sysfs ABI of dax devices</a>
 */
record DeviceGeometry(long sizeBytes, long alignBytes) {

  private static final Path SYSFS_CHARACTER_DEVICES = Path.of("/sys/dev/char");

  static DeviceGeometry of(Path path, DeviceIdentity identity, Path shown) {
    return of(path, identity, shown, SYSFS_CHARACTER_DEVICES);
  }

  static DeviceGeometry of(Path path, DeviceIdentity identity, Path shown, Path sysfs) {
    if (!identity.character()) {
      try {
        return new DeviceGeometry(Files.size(path), 1);
      } catch (IOException e) {
        throw new DaxMemoryException(
            Reason.OTHER, shown + " cannot be measured: " + e.getMessage());
      }
    }
    Path folder = sysfs.resolve(identity.major() + ":" + identity.minor());
    try {
      return new DeviceGeometry(number(folder.resolve("size")), number(folder.resolve("align")));
    } catch (IOException | NumberFormatException e) {
      throw new DaxMemoryException(
          Reason.NOT_DEVDAX,
          shown + " is not a Device-DAX device: " + folder + "/size and /align cannot be read");
    }
  }

  /** The longest mapping of at most {@code wantedBytes} that the alignment allows. */
  long roundDown(long wantedBytes) {
    return wantedBytes - wantedBytes % alignBytes;
  }

  private static long number(Path file) throws IOException {
    long value = Long.parseLong(Files.readString(file).strip());
    if (value <= 0) {
      throw new NumberFormatException(file + " says " + value);
    }
    return value;
  }
}
