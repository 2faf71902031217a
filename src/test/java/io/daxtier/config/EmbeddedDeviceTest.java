package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDeviceTest {

  @TempDir private Path parent;

  @Test
  void make_isForThisUserOnly_andTakesNoRoom() throws IOException {
    Path folder = parent.resolve("daxtier");
    Path file = folder.resolve("dax0");
    try (EmbeddedDevice device = new EmbeddedDevice(folder)) {
      device.make(file, 1 << 30);

      assertThat(file).hasSize(1 << 30);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
      Files.createFile(folder.resolve("hot-added"));
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void make_folderThatExists_isLeftAlone() throws IOException {
    Path file = parent.resolve("dax0");
    try (EmbeddedDevice device = new EmbeddedDevice(parent)) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> device.make(file, 1))
          .withMessageStartingWith("java.io.tmpdir: the embedded default cannot make its file");
    }
    assertThat(parent).exists();
    assertThat(file).doesNotExist();
  }

  @Test
  void nextFolder_isAnotherEachTime_andNotMade() {
    Path folder = EmbeddedDevice.nextFolder();

    assertThat(folder).isAbsolute().doesNotExist().isNotEqualTo(EmbeddedDevice.nextFolder());
  }

  @Test
  void glob_matchesTheFolderOnly() {
    Path folder = Path.of("/tmp/a[b]{c}*?\\d");
    PathMatcher matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + EmbeddedDevice.glob(folder));

    assertThat(matcher.matches(folder.resolve("dax1"))).isTrue();
    assertThat(matcher.matches(folder.resolve("x/dax1"))).isFalse();
    assertThat(matcher.matches(Path.of("/tmp/abcxx/dax1"))).isFalse();
  }
}
