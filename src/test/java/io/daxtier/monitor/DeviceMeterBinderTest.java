package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.fail;
import static io.daxtier.monitor.TierActions.put;
import static io.daxtier.monitor.TierActions.remove;
import static io.daxtier.monitor.TierActions.reserve;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDevice;
import io.daxtier.slot.Borrow;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.TestTier;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceMeterBinderTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private TestTier tier;
  private DeviceMeterBinder meters;

  @BeforeEach
  void bind(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
    meters = new DeviceMeterBinder(tier.store, new TierSnapshots(tier.store, tier.nanos::get));
    meters.bindTo(registry);
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void meters_ofAddedDevice_tellItsSlots() {
    DaxDevice device = tier.addDevice(8);
    put(tier, "graced", 100);
    put(tier, "locked", 200);
    put(tier, "borrowed", 300);
    tier.store.exists(ObjectKey.of("graced"));
    tier.session.lookup(ObjectKey.of("locked"));
    try (Borrow borrowed = tier.store.borrow(tier.session, ObjectKey.of("borrowed"));
        Reservation reserved = reserve(tier, "reserved", 1)) {
      assertThat(borrowed).isNotNull();
      assertThat(reserved.length()).isEqualTo(1);
      tier.store.delete(ObjectKey.of("borrowed"));
      meters.refresh();

      assertThat(values(device))
          .isEqualTo(
              Map.of(
                  "daxtier.slots.free", 4.0,
                  "daxtier.slots.reserved", 1.0,
                  "daxtier.slots.committed", 2.0,
                  "daxtier.slots.retired", 1.0,
                  "daxtier.slots.locked", 1.0,
                  "daxtier.slots.borrowed", 1.0,
                  "daxtier.slots.graced", 1.0,
                  "daxtier.payload.bytes", 300.0,
                  "daxtier.capacity.bytes", 8.0 * SLOT_BYTES));
    }
  }

  @Test
  void meters_betweenRefreshes_followTheStore() {
    DaxDevice device = tier.addDevice(8);
    meters.refresh();
    assertThat(values(device)).containsEntry("daxtier.slots.committed", 0.0);

    put(tier, "k", 10);
    tier.pass(Duration.ofSeconds(1));

    assertThat(values(device)).containsEntry("daxtier.slots.committed", 1.0);
  }

  @Test
  void meters_ofRemovedDevice_goAway() {
    DaxDevice removed = tier.addDevice(8);
    DaxDevice kept = tier.addDevice(8);
    meters.refresh();
    assertThat(values(removed)).hasSize(9);

    remove(tier, removed);
    meters.refresh();

    assertThat(values(removed)).isEmpty();
    assertThat(values(kept)).hasSize(9);
  }

  @Test
  void meters_ofDeviceAddedAgain_comeBack() {
    DaxDevice first = tier.addDevice(8);
    meters.refresh();
    remove(tier, first);
    DaxDevice second = tier.registry.add(first.path(), 4 * SLOT_BYTES);
    tier.store.attach(second);
    meters.refresh();
    tier.pass(Duration.ofSeconds(1));

    assertThat(values(second))
        .hasSize(9)
        .containsEntry("daxtier.slots.free", 4.0)
        .containsEntry("daxtier.capacity.bytes", 4.0 * SLOT_BYTES);
  }

  @Test
  void meters_ofFailedDevice_offerNoCapacity() {
    DaxDevice device = tier.addDevice(8);
    put(tier, "k", 10);
    fail(tier, device);
    meters.refresh();

    assertThat(values(device))
        .containsEntry("daxtier.slots.free", 0.0)
        .containsEntry("daxtier.capacity.bytes", 0.0)
        .containsEntry("daxtier.payload.bytes", 0.0);
  }

  @Test
  void meters_inSecondRegistry_areThereToo() {
    DaxDevice device = tier.addDevice(8);
    SimpleMeterRegistry second = new SimpleMeterRegistry();
    meters.bindTo(second);

    assertThat(values(device)).hasSize(9);
    assertThat(second.getMeters()).hasSize(9);
  }

  /** By name, those of slots with their state appended. */
  private Map<String, Double> values(DaxDevice device) {
    Map<String, Double> values = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      if (device.path().toString().equals(id.getTag("device"))) {
        String state = id.getTag("state");
        values.put(
            state == null ? id.getName() : id.getName() + "." + state,
            registry.get(id.getName()).tags(id.getTags()).gauge().value());
      }
    }
    return values;
  }
}
