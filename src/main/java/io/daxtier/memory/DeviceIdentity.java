package io.daxtier.memory;

import io.daxtier.memory.DaxMemoryException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What makes two paths the same device: the device number of a character device, or the file system
 * and inode of a regular file.
 *
 * @param character whether this is a character device
 * @param device {@code st_rdev} of a character device, {@code st_dev} of a file
 * @param inode the inode of a file, 0 for a character device
 */
public record DeviceIdentity(boolean character, long device, long inode) {

  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_CHARACTER = 0020000;
  private static final int TYPE_REGULAR = 0100000;

  /**
   * Identifies the device behind a path, symbolic links resolved.
   *
   * @throws DaxMemoryException if there is none, or it is neither a character device nor a file
   */
  public static DeviceIdentity of(Path path) {
    return of(path, path);
  }

  /** As {@link #of(Path)}, where {@code shown} is the name that errors give. */
  static DeviceIdentity of(Path path, Path shown) {
    Map<String, Object> stat;
    try {
      stat = Files.readAttributes(path, "unix:mode,dev,rdev,ino");
    } catch (NoSuchFileException e) {
      throw new DaxMemoryException(Reason.NOT_FOUND, shown + " does not exist");
    } catch (IOException e) {
      throw new DaxMemoryException(
          Reason.NO_PERMISSION, shown + " cannot be looked at: " + e.getMessage());
    }
    return switch (number(stat, "mode").intValue() & TYPE_MASK) {
      case TYPE_CHARACTER -> new DeviceIdentity(true, number(stat, "rdev").longValue(), 0);
      case TYPE_REGULAR ->
          new DeviceIdentity(
              false, number(stat, "dev").longValue(), number(stat, "ino").longValue());
      default ->
          throw new DaxMemoryException(
              Reason.NOT_A_DEVICE,
              shown
                  + (Files.isDirectory(path) ? " is a directory" : " is not a device")
                  + ": a character device or a regular file is needed");
    };
  }

  private static Number number(Map<String, Object> stat, String name) {
    return (Number) Objects.requireNonNull(stat.get(name), name);
  }

  /** Major number of a character device (glibc's {@code gnu_dev_major}). */
  int major() {
    return (int) ((device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL));
  }

  /** Minor number of a character device (glibc's {@code gnu_dev_minor}). */
  int minor() {
    return (int) ((device & 0xff) | (device >>> 12 & ~0xffL));
  }
}
