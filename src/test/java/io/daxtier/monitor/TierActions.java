package io.daxtier.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DeviceState;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.TestTier;

/** What clients and operators do to a tier that is watched. */
final class TierActions {

  static final int SLOT_BYTES = 4096;

  private TierActions() {}

  static void put(TestTier tier, String key, int lengthBytes) {
    assertThat(tier.put(key, "x".repeat(lengthBytes))).isTrue();
  }

  static Reservation reserve(TestTier tier, String key, int lengthBytes) {
    return (Reservation) tier.store.reserve(tier.session, ObjectKey.of(key), lengthBytes);
  }

  static void fail(TestTier tier, DaxDevice device) {
    tier.store.fault(device, new IllegalStateException("page lost"));
  }

  /** Takes out a device that holds nothing. */
  static void remove(TestTier tier, DaxDevice device) {
    if (device.state() != DeviceState.FAILED) {
      assertThat(device.move(device.state(), DeviceState.REMOVING)).isTrue();
    }
    tier.store.slots(device).detach();
    tier.registry.remove(device);
  }

  /** A key of LMCache's with a {@code cache_salt}. */
  static String key(int hash, String salt) {
    return "model@00000001@0@%08x@%s".formatted(hash, salt);
  }
}
