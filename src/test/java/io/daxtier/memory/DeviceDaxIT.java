package io.daxtier.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.daxtier.memory.DaxMemoryException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mapping as the kernel's Device-DAX has it, which no file can stand in for. Runs as root without
 * CAP_DAC_OVERRIDE in the guest that {@code src/test/devdax/run.sh} boots: /dev/dax0.0 is aligned
 * to 2 MiB, /dev/dax1.0 to 4 KiB, and the device cgroup of version 1 is mounted with a group {@code
 * daxtier} in it.
 */
@EnabledIfEnvironmentVariable(
    named = "DAXTIER_DEVDAX",
    matches = "1",
    disabledReason = "src/test/devdax/run.sh runs these where there are such devices")
final class DeviceDaxIT {

  private static final String DAX0 = "/dev/dax0.0";
  private static final String DAX1 = "/dev/dax1.0";
  private static final long MIB = 1L << 20;

  /** 256 MiB, less one info block. */
  private static final long DEVICE_BYTES = 254 * MIB;

  private static final Path DRIVER = Path.of("/sys/bus/dax/drivers/device_dax");
  private static final Path DEVICE_CGROUP = Path.of("/sys/fs/cgroup/devices");

  @ParameterizedTest
  @CsvSource({DAX0 + ", 2097152", DAX1 + ", 4096"})
  void geometry_isWhatSysfsSays(Path path, long alignBytes) {
    assertThat(DeviceGeometry.of(path, DeviceIdentity.of(path), path))
        .isEqualTo(new DeviceGeometry(DEVICE_BYTES, alignBytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {DAX0, DAX1})
  void open_wholeDevice_keepsItsBytesUntilTheNextMapping(Path path) {
    try (DaxMapping mapping = DaxMapping.open(path, DEVICE_BYTES)) {
      assertThat(mapping.sizeBytes()).isEqualTo(DEVICE_BYTES);
      write(mapping, 0, "first");
      write(mapping, DEVICE_BYTES - 4, "last");
    }
    try (DaxMapping mapping = DaxMapping.open(path, DEVICE_BYTES)) {
      assertThat(read(mapping, 0, 5)).isEqualTo("first");
      assertThat(read(mapping, DEVICE_BYTES - 4, 4)).isEqualTo("last");
      assertThat(mapping.isReadable(0, DEVICE_BYTES)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({DAX0 + ", 2097152", DAX1 + ", 4096"})
  void open_beyondTheEnd_isRefusedAlthoughTheKernelWouldMapIt(Path path, long alignBytes) {
    assertRefused(
        () -> DaxMapping.open(path, DEVICE_BYTES + alignBytes),
        Reason.TOO_SHORT,
        path + " holds 266338304 bytes");
  }

  @ParameterizedTest
  @CsvSource({DAX0 + ", 4194304", DAX1 + ", 4198400"})
  void open_unalignedSize_isRoundedDown(Path path, long mappedBytes) {
    try (DaxMapping mapping = DaxMapping.open(path, 4 * MIB + 4096 + 1)) {
      assertThat(mapping.sizeBytes()).isEqualTo(mappedBytes);
      assertThat(mapping.roundDown(4 * MIB + 4096 + 1)).isEqualTo(mappedBytes);
    }
  }

  @Test
  void open_lessThanOneUnit_isRefused() {
    assertRefused(
        () -> DaxMapping.open(Path.of(DAX0), MIB), Reason.UNALIGNED, "in units of 2097152 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {DAX0, DAX1})
  void grow_showsTheSameBytes(Path path) {
    try (DaxMapping mapping = DaxMapping.open(path, 4 * MIB)) {
      ByteBuffer before = mapping.buffer(0, 4);
      mapping.grow(DEVICE_BYTES);
      write(mapping, 0, "grow");
      assertThat(mapping.sizeBytes()).isEqualTo(DEVICE_BYTES);
      assertThat(StandardCharsets.UTF_8.decode(before).toString()).isEqualTo("grow");
    }
  }

  @Test
  void copy_betweenDevices() {
    try (DaxMapping from = DaxMapping.open(Path.of(DAX0), 16 * MIB);
        DaxMapping to = DaxMapping.open(Path.of(DAX1), 16 * MIB)) {
      write(from, 10 * MIB - 3, "moved");
      DaxMapping.copy(from, 8 * MIB, to, 0, 4 * MIB);
      assertThat(read(to, 2 * MIB - 3, 5)).isEqualTo("moved");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DAX0, DAX1})
  void open_whileHeld_isRefusedToEveryoneElse(Path path) throws Exception {
    try (DaxMapping mapping = DaxMapping.open(path, 4 * MIB)) {
      assertRefused(() -> DaxMapping.open(path, 4 * MIB), Reason.IN_USE, "is in use by another");
      assertThat(run("flock", "--nonblock", path.toString(), "true")).isEqualTo(1);
      assertThat(mapping.sizeBytes()).isEqualTo(4 * MIB);
    }
    assertThat(run("flock", "--nonblock", path.toString(), "true")).isZero();
  }

  @Test
  void identity_isThatOfTheDeviceAndNotOfTheNode() throws Exception {
    String[] numbers =
        Files.readString(Path.of("/sys/bus/dax/devices/dax0.0/dev")).strip().split(":", 2);
    Path other = Path.of("/dev/another");
    assertThat(run("mknod", other.toString(), "c", numbers[0], numbers[1])).isZero();
    try {
      assertThat(DeviceIdentity.of(other)).isEqualTo(DeviceIdentity.of(Path.of(DAX0)));
      assertThat(DeviceIdentity.of(other)).isNotEqualTo(DeviceIdentity.of(Path.of(DAX1)));
    } finally {
      Files.delete(other);
    }
  }

  @Test
  void open_otherKindOfCharacterDevice_isRefused() {
    assertRefused(
        () -> DaxMapping.open(Path.of("/dev/zero"), MIB),
        Reason.NOT_DEVDAX,
        "/dev/zero is not a Device-DAX device");
  }

  @Test
  void open_modeForbids_isAboutTheNode() throws IOException {
    Path path = Path.of(DAX0);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
    try {
      assertRefused(
          () -> DaxMapping.open(path, 4 * MIB), Reason.NO_PERMISSION, "owner or mode of the node");
    } finally {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void open_deviceCgroupForbids_isAboutTheContainer() throws IOException {
    Path group = DEVICE_CGROUP.resolve("daxtier");
    String pid = Long.toString(ProcessHandle.current().pid());
    Files.writeString(group.resolve("devices.deny"), "a");
    Files.writeString(group.resolve("devices.allow"), "c 1:* rwm"); // null, zero, random
    Files.writeString(group.resolve("cgroup.procs"), pid);
    try {
      assertRefused(
          () -> DaxMapping.open(Path.of(DAX0), 4 * MIB),
          Reason.DEVICE_CGROUP,
          "the container's device cgroup forbids it");
    } finally {
      Files.writeString(DEVICE_CGROUP.resolve("cgroup.procs"), pid);
    }
  }

  @Test
  void open_withoutItsDriver_isNotInDevdaxMode() throws IOException {
    Files.writeString(DRIVER.resolve("unbind"), "dax1.0");
    try {
      assertRefused(
          () -> DaxMapping.open(Path.of(DAX1), 4 * MIB), Reason.NOT_DEVDAX, "not in devdax mode");
    } finally {
      Files.writeString(DRIVER.resolve("bind"), "dax1.0");
    }
    try (DaxMapping mapping = DaxMapping.open(Path.of(DAX1), 4 * MIB)) {
      assertThat(mapping.sizeBytes()).isEqualTo(4 * MIB);
    }
  }

  private static void assertRefused(ThrowingCallable call, Reason reason, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DaxMemoryException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(words);
  }

  private static void write(DaxMapping mapping, long offset, String text) {
    mapping.buffer(offset, text.length()).put(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(DaxMapping mapping, long offset, int length) {
    return StandardCharsets.UTF_8.decode(mapping.buffer(offset, length)).toString();
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
