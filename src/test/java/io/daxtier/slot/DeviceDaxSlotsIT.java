package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDeviceRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Slots on a device that can only be mapped in units of 2 MiB, in {@code src/test/devdax}. */
@EnabledIfEnvironmentVariable(
    named = "DAXTIER_DEVDAX",
    matches = "1",
    disabledReason = "src/test/devdax/run.sh runs these where there are such devices")
final class DeviceDaxSlotsIT {

  private static final Path DAX0 = Path.of("/dev/dax0.0");
  private static final long MIB = 1L << 20;

  @Test
  void resize_unalignedSize_hasTheSlotsThatAreMapped() throws IOException {
    SlotStoreOptions options =
        new SlotStoreOptions(
            MIB, false, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (DaxDeviceRegistry registry = new DaxDeviceRegistry()) {
      SlotStore store = new SlotStore(options, System::nanoTime);
      Session session = store.openSession("test", OptionalLong.empty(), () -> {});
      DeviceSlots slots = store.attach(registry.add(DAX0, 5 * MIB));
      assertThat(slots.usage().slots()).isEqualTo(4);
      for (int i = 0; i < 3; i++) {
        slots.resize(5 * MIB);
      }
      assertThat(slots.usage().slots()).isEqualTo(4);
      assertThat(mappings()).isEqualTo(1);
      slots.resize(7 * MIB);
      assertThat(slots.usage().slots()).isEqualTo(6);
      for (int i = 0; i < 6; i++) {
        Reservation reservation = (Reservation) store.reserve(session, ObjectKey.of("k" + i), MIB);
        reservation.buffer(MIB - 1, 1).put((byte) i);
        assertThat(reservation.commit(StoreMode.REPLACE, null)).isEqualTo(CommitResult.STORED);
      }
      SlotStoreInvariants.checkIdle(store);
    }
  }

  private static long mappings() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.endsWith(DAX0.toString())).count();
    }
  }
}
