package io.daxtier.monitor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.daxtier.device.DaxDevice;
import io.daxtier.slot.DeviceSlots;
import io.daxtier.slot.LockUsage;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.StoreUsage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the gauges of one scrape read: the store is asked once for all of them, and not more often
 * than every {@value #MAX_AGE_NANOS} ns however many gauges and scrapers there are. Any thread may
 * call it.
 */
final class TierSnapshots {

  static final long MAX_AGE_NANOS = 100_000_000;

  /** The tier at one moment. */
  record TierSnapshot(StoreUsage usage, LockUsage locks, List<DeviceSnapshot> devices) {

    Optional<DeviceSnapshot> device(Path path) {
      return devices.stream().filter(snapshot -> snapshot.device().path().equals(path)).findFirst();
    }
  }

  /** A device at one moment. */
  record DeviceSnapshot(DaxDevice device, SlotCounts counts) {

    static DeviceSnapshot of(DeviceSlots slots) {
      return new DeviceSnapshot(slots.device(), SlotCounts.of(slots.usage()));
    }
  }

  private final SlotStore store;
  private final LongSupplier nanoClock;

  @GuardedBy("this")
  private @Nullable TierSnapshot latest;

  @GuardedBy("this")
  private long takenAtNanos;

  TierSnapshots(SlotStore store, LongSupplier nanoClock) {
    this.store = store;
    this.nanoClock = nanoClock;
  }

  synchronized TierSnapshot latest() {
    long now = nanoClock.getAsLong();
    TierSnapshot snapshot = latest;
    if (snapshot == null || now - takenAtNanos > MAX_AGE_NANOS) {
      snapshot =
          new TierSnapshot(
              store.usage(),
              store.locks(),
              store.devices().stream().map(DeviceSnapshot::of).toList());
      latest = snapshot;
      takenAtNanos = now;
    }
    return snapshot;
  }
}
