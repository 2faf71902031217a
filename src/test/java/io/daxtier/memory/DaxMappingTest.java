package io.daxtier.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.daxtier.memory.DaxMemoryException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaxMappingTest {

  private static final long MEBIBYTE = 1 << 20;

  @TempDir Path folder;

  @Test
  void bytes_writtenThroughAMapping_areTheFiles() throws IOException {
    Path file = file("dax", MEBIBYTE);
    try (DaxMapping mapping = DaxMapping.open(file, MEBIBYTE)) {
      mapping.buffer(MEBIBYTE - 3, 3).put(new byte[] {1, 2, 3});
      assertThat(mapping.sizeBytes()).isEqualTo(MEBIBYTE);
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize((int) MEBIBYTE).endsWith(1, 2, 3);
  }

  @Test
  void open_partOfAFile_mapsNoMore() throws IOException {
    try (DaxMapping mapping = DaxMapping.open(file("dax", MEBIBYTE), 5000)) {
      assertThat(mapping.sizeBytes()).isEqualTo(5000);
      assertThatThrownBy(() -> mapping.buffer(4999, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void open_moreThanTwoGibibytes() throws IOException {
    long size = 5L << 30;
    try (DaxMapping mapping = DaxMapping.open(file("large", size), size)) {
      mapping.buffer(size - 1, 1).put((byte) 7);
      assertThat(mapping.buffer(size - 1, 1).get()).isEqualTo((byte) 7);
    }
  }

  @Test
  void open_whatCannotBeMapped_saysWhy() throws IOException {
    assertRefused(folder.resolve("none"), 1, Reason.NOT_FOUND, "does not exist");
    assertRefused(folder, 1, Reason.NOT_A_DEVICE, "is a directory");
    assertRefused(Path.of("/dev/null"), 1, Reason.NOT_DEVDAX, "is not a Device-DAX device");
    assertRefused(file("short", 100), 101, Reason.TOO_SHORT, "holds 100 bytes, fewer than the 101");
    assertThat(folder.resolve("none")).doesNotExist();
    assertThat(folder.resolve("short")).hasSize(100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DaxMapping.open(folder, 0))
        .withMessageContaining("0");
  }

  @Test
  void open_secondTime_isRefusedUntilTheFirstCloses() throws IOException {
    Path file = file("dax", MEBIBYTE);
    try (DaxMapping first = DaxMapping.open(file, MEBIBYTE)) {
      Files.readAllBytes(first.path()); // closing another descriptor must not end the lock
      assertRefused(file, MEBIBYTE, Reason.IN_USE, "is in use by another process");
    }
    DaxMapping.open(file, MEBIBYTE).close();
  }

  @Test
  void grow_keepsOldBuffersGood() throws IOException {
    Path file = file("dax", MEBIBYTE);
    try (DaxMapping mapping = DaxMapping.open(file, 4096)) {
      var early = mapping.buffer(0, 10);
      mapping.grow(MEBIBYTE);
      early.put((byte) 9);
      assertThat(mapping.buffer(0, 1).get()).isEqualTo((byte) 9);
      assertThat(mapping.sizeBytes()).isEqualTo(MEBIBYTE);
      assertThatThrownBy(() -> mapping.grow(MEBIBYTE + 1))
          .isInstanceOfSatisfying(
              DaxMemoryException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_SHORT));
      assertThat(mapping.sizeBytes()).isEqualTo(MEBIBYTE);
    }
  }

  /** Compiled code meets the JVM's error later than the copy: it must not escape the catch. */
  @Test
  void copy_overALostPage_compiled_isAFault() throws IOException {
    Path lost = file("lost-hot", MEBIBYTE);
    try (DaxMapping good = DaxMapping.open(file("good-hot", MEBIBYTE), MEBIBYTE);
        DaxMapping bad = DaxMapping.open(lost, MEBIBYTE)) {
      for (int i = 0; i < 30_000; i++) {
        DaxMapping.copy(bad, 0, good, 0, 4096);
      }
      setLength(lost, 0);

      for (int i = 0; i < 100; i++) {
        assertThatThrownBy(() -> DaxMapping.copy(bad, 0, good, 0, 4096))
            .isInstanceOf(MemoryFaultException.class);
      }
      assertThat(bad.isReadable(0, 4096)).isFalse();
    }
  }

  @Test
  void copy_overALostPage_isAFaultOfThatMapping() throws IOException {
    Path whole = file("whole", MEBIBYTE);
    Path lost = file("lost", MEBIBYTE);
    try (DaxMapping good = DaxMapping.open(whole, MEBIBYTE);
        DaxMapping bad = DaxMapping.open(lost, MEBIBYTE)) {
      setLength(lost, 8192);
      assertThatThrownBy(() -> DaxMapping.copy(bad, 0, good, 0, MEBIBYTE))
          .isInstanceOf(MemoryFaultException.class);
      assertThatThrownBy(() -> DaxMapping.copy(good, 0, bad, 0, MEBIBYTE))
          .isInstanceOf(MemoryFaultException.class);
      assertThat(bad.isReadable(0, 8192)).isTrue();
      assertThat(bad.isReadable(0, 8193)).isFalse();
      assertThat(good.isReadable(0, MEBIBYTE)).isTrue();
    }
  }

  @Test
  void close_twice_isOnce() throws IOException {
    DaxMapping mapping = DaxMapping.open(file("dax", MEBIBYTE), MEBIBYTE);
    mapping.close();
    mapping.close();
    assertThatThrownBy(() -> mapping.buffer(0, 1).get()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> mapping.grow(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void identity_ofALink_isThatOfItsTarget() throws IOException {
    Path file = file("dax", 1);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertThat(DeviceIdentity.of(link)).isEqualTo(DeviceIdentity.of(file));
    assertThat(DeviceIdentity.of(file("other", 1))).isNotEqualTo(DeviceIdentity.of(file));
    DeviceIdentity zero = DeviceIdentity.of(Path.of("/dev/zero"));
    assertThat(zero.character()).isTrue();
    assertThat(zero.major()).isEqualTo(1);
    assertThat(zero.minor()).isEqualTo(5);
  }

  @Test
  void geometry_ofACharacterDevice_isReadFromSysfs() throws IOException {
    DeviceIdentity identity = new DeviceIdentity(true, 252L << 8 | 3, 0);
    Path sysfs = folder;
    Files.createDirectory(sysfs.resolve("252:3"));
    Path shown = Path.of("/dev/dax0.0");
    assertThatThrownBy(() -> DeviceGeometry.of(shown, identity, shown, sysfs))
        .isInstanceOf(DaxMemoryException.class)
        .hasMessageStartingWith("/dev/dax0.0 is not a Device-DAX device");
    Files.writeString(folder.resolve("252:3/size"), "266338304\n");
    Files.writeString(folder.resolve("252:3/align"), "2097152\n");
    DeviceGeometry geometry = DeviceGeometry.of(shown, identity, shown, sysfs);
    assertThat(geometry).isEqualTo(new DeviceGeometry(266338304, 2097152));
    assertThat(geometry.roundDown(5_000_000)).isEqualTo(4194304);
  }

  private static void assertRefused(Path path, long size, Reason reason, String words) {
    assertThatThrownBy(() -> DaxMapping.open(path, size))
        .isInstanceOfSatisfying(
            DaxMemoryException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e).hasMessageContaining(path.toString()).hasMessageContaining(words);
            });
  }

  private Path file(String name, long lengthBytes) throws IOException {
    Path file = folder.resolve(name);
    setLength(file, lengthBytes);
    return file;
  }

  private static void setLength(Path file, long lengthBytes) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(lengthBytes);
    }
  }
}
