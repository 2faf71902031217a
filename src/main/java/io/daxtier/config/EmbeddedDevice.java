package io.daxtier.config;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.FileSystemUtils;

/**
 * The embedded default's device: a sparse file in a folder of its own below the temporary folder,
 * made at the start and gone at the exit. For one thread at a time.
 */
final class EmbeddedDevice implements AutoCloseable {

  private static final int NAME_BYTES = 8;

  private final Path folder;
  private boolean made;

  EmbeddedDevice(Path folder) {
    this.folder = folder;
  }

  /** A name for the folder that nobody can guess; nothing is made yet. */
  static Path nextFolder() {
    byte[] name = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(name);
    Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    try {
      temporary = temporary.toRealPath();
    } catch (IOException e) {
      // make() will say what is wrong with it.
    }
    return temporary.resolve("daxtier-" + HexFormat.of().formatHex(name));
  }

  /** A glob for all devices in the folder. */
  static String glob(Path folder) {
    return folder.toString().replaceAll("[\\\\*?\\[\\]{}]", "\\\\$0") + "/*";
  }

  /** What the embedded default sets where nothing is given. */
  static ConfigurationPropertySource properties(Path folder) {
    return new MapConfigurationPropertySource(
        Map.of(
            "dax.device-path", folder.resolve("dax0").toString(),
            "dax.max-dax-size-gb", "1",
            "dax.slot-bytes", "4194304",
            "dax.hotplug-enabled", "true",
            "dax.eviction.eviction-policy", "LRU"));
  }

  /**
   * Makes the folder, for this user only, and the file.
   *
   * @throws ConfigurationException if that fails
   */
  void make(Path file, long sizeBytes) {
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      made = true;
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(sizeBytes);
      }
    } catch (IOException e) {
      throw new ConfigurationException(
          "java.io.tmpdir: the embedded default cannot make its file %s: %s"
              .formatted(file, reason(e)),
          e);
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> "no such folder";
      case AccessDeniedException denied -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** Deletes the folder. Idempotent. */
  @Override
  public void close() throws IOException {
    if (made) {
      made = false;
      FileSystemUtils.deleteRecursively(folder);
    }
  }
}
