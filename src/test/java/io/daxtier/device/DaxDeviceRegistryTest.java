package io.daxtier.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.daxtier.memory.DaxMemoryException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DaxDeviceRegistryTest {

  private final DaxDeviceRegistry registry = new DaxDeviceRegistry();

  @TempDir Path folder;

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void add_devices_listsThemInOrder() throws IOException {
    DaxDevice first = registry.add(file("a"), 4096);
    DaxDevice second = registry.add(file("b"), 4096);
    assertThat(registry.devices()).containsExactly(first, second);
    assertThat(second.id()).isEqualTo(1);
    assertThat(second.state()).isEqualTo(DeviceState.ACTIVE);
  }

  @Test
  void add_anotherNameOfAMappedDevice_namesThatDevice() throws IOException {
    Path file = file("a");
    DaxDevice device = registry.add(file, 4096);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertThatThrownBy(() -> registry.add(link, 4096))
        .isInstanceOfSatisfying(
            DuplicateDeviceException.class, e -> assertThat(e.device()).isSameAs(device))
        .hasMessage("device " + link + " is already mapped");
    assertThat(registry.find(link)).containsSame(device);
    assertThat(registry.find(folder.resolve("none"))).isEmpty();
  }

  @Test
  void add_whatCannotBeMapped_listsNothing() {
    assertThatThrownBy(() -> registry.add(folder.resolve("none"), 4096))
        .isInstanceOf(DaxMemoryException.class);
    assertThat(registry.devices()).isEmpty();
  }

  @Test
  void add_whatTheCallerRefuses_listsNothing() throws IOException {
    Path file = file("a");
    RuntimeException refusal = new IllegalStateException("not this one");
    assertThatThrownBy(
            () ->
                registry.add(
                    file,
                    4096,
                    mapping -> {
                      throw refusal;
                    }))
        .isSameAs(refusal);
    assertThat(registry.devices()).isEmpty();
    assertThat(registry.add(file, 4096).id()).as("unmapped and unlocked").isZero();
  }

  @Test
  void remove_thenAdd_isANewDevice() throws IOException {
    Path file = file("a");
    DaxDevice old = registry.add(file, 4096);
    assertThatThrownBy(() -> registry.remove(old)).isInstanceOf(IllegalStateException.class);
    assertThat(old.move(DeviceState.ACTIVE, DeviceState.REMOVING)).isTrue();
    registry.remove(old);
    assertThat(registry.find(file)).isEmpty();
    DaxDevice device = registry.add(file, 4096);
    assertThat(device.index()).isEqualTo(1);
    assertThat(registry.devices())
        .extracting(DaxDevice::state)
        .containsExactly(DeviceState.REMOVED, DeviceState.ACTIVE);
  }

  @Test
  void fail_onlyOnce_keepsTheCause() throws IOException {
    DaxDevice device = registry.add(file("a"), 4096);
    assertThat(device.fail(new IllegalStateException("page lost"))).isTrue();
    assertThat(device.fail(new IllegalStateException("again"))).isFalse();
    assertThat(device.failure()).hasValue("page lost");
    registry.remove(device);
    assertThat(device.state()).isEqualTo(DeviceState.REMOVED);
  }

  @Test
  void resize_beyondTheFile_keepsTheSize() throws IOException {
    DaxDevice device = registry.add(file("a"), 4096);
    device.resize(8192);
    assertThat(device.sizeBytes()).isEqualTo(8192);
    assertThatThrownBy(() -> device.resize(8193)).isInstanceOf(DaxMemoryException.class);
    assertThat(device.sizeBytes()).isEqualTo(8192);
    device.resize(4096);
    assertThat(device.sizeBytes()).isEqualTo(4096);
  }

  @Test
  void resize_overWhatWasMappedAndCutOff_keepsTheSize() throws IOException {
    Path file = file("a");
    DaxDevice device = registry.add(file, 8192);
    device.resize(4096);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(4096);
    }
    assertThatThrownBy(() -> device.resize(8192)).isInstanceOf(DaxMemoryException.class);
    assertThat(device.sizeBytes()).isEqualTo(4096);
    device.resize(2048);
    assertThat(device.sizeBytes()).isEqualTo(2048);
  }

  @Test
  void close_endsAllMapped_andIsIdempotent() throws IOException {
    DaxDevice device = registry.add(file("a"), 4096);
    registry.close();
    registry.close();
    assertThat(device.state()).isEqualTo(DeviceState.CLOSED);
    assertThat(device.fail(new IllegalStateException())).isFalse();
  }

  @Test
  void hasSize_ofAFile_isExact() throws IOException {
    DaxDevice device = registry.add(file("a"), 4097);
    assertThat(device.hasSize(4097)).isTrue();
    assertThat(device.hasSize(4096)).isFalse();
    assertThat(device.hasSize(4098)).isFalse();
    device.resize(4096);
    assertThat(device.hasSize(4096)).isTrue();
    assertThat(device.hasSize(4097)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(DeviceState.class)
  void move_isOnlyAlongTheTable(DeviceState to) throws IOException {
    DaxDevice device = registry.add(file("a"), 4096);
    if (DeviceState.ACTIVE.mayBecome(to)) {
      assertThat(device.move(DeviceState.ACTIVE, to)).isTrue();
      assertThat(device.state()).isEqualTo(to);
    } else {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.move(DeviceState.ACTIVE, to))
          .withMessageContaining("ACTIVE may not become " + to);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DeviceState.class,
      names = {"CLOSED", "REMOVED"})
  void mayBecome_fromAnEnd_isNothing(DeviceState end) {
    for (DeviceState next : DeviceState.values()) {
      assertThat(end.mayBecome(next)).as("%s to %s", end, next).isFalse();
    }
    assertThat(end.isMapped()).isFalse();
  }

  private Path file(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "x".repeat(8192));
  }
}
