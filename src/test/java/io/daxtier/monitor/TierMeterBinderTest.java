package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.fail;
import static io.daxtier.monitor.TierActions.put;
import static io.daxtier.monitor.TierActions.remove;
import static io.daxtier.monitor.TierActions.reserve;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DeviceState;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.StoreMode;
import io.daxtier.slot.TestTier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TierMeterBinderTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private TestTier tier;

  @BeforeEach
  void bind(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
    new TierMeterBinder(tier.registry, new TierSnapshots(tier.store, tier.nanos::get))
        .bindTo(registry);
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void meters_withNoDevice_areThereAndZero() {
    assertThat(registry.getMeters()).hasSize(14);
    assertThat(gauge("daxtier.usage.ratio")).isZero();
    assertThat(gauge("daxtier.objects")).isZero();
    assertThat(gauge("daxtier.locks")).isZero();
    assertThat(devices(DeviceState.FAILED)).isZero();
    assertThat(evictions("demand")).isZero();
  }

  @Test
  void meters_ofUsage_followTheStore() {
    tier.addDevice(4);
    put(tier, "k1", 10);
    assertThat(gauge("daxtier.usage.ratio")).isEqualTo(0.25);

    put(tier, "k2", 10);
    tier.pass(Duration.ofSeconds(1));

    assertThat(gauge("daxtier.usage.ratio")).isEqualTo(0.5);
    assertThat(gauge("daxtier.objects")).isEqualTo(2);
  }

  @Test
  void meters_ofLocks_tellNumberAndAge() {
    tier.addDevice(4);
    put(tier, "k", 10);
    tier.session.lookup(ObjectKey.of("k"));
    tier.session.lookup(ObjectKey.of("k"));
    tier.pass(Duration.ofMillis(2500));

    assertThat(gauge("daxtier.locks")).isEqualTo(2);
    assertThat(registry.get("daxtier.locks.oldest.age").timeGauge().value(TimeUnit.SECONDS))
        .isEqualTo(2.5);
  }

  @Test
  void meters_ofDevices_countThemByState() {
    tier.addDevice(4);
    DaxDevice draining = tier.addDevice(4);
    draining.move(DeviceState.ACTIVE, DeviceState.DRAINING);
    DaxDevice failed = tier.addDevice(4);
    fail(tier, failed);

    assertThat(devices(DeviceState.ACTIVE)).isEqualTo(1);
    assertThat(devices(DeviceState.DRAINING)).isEqualTo(1);
    assertThat(devices(DeviceState.FAILED)).isEqualTo(1);
    remove(tier, failed);
    assertThat(devices(DeviceState.FAILED)).isZero();
  }

  @Test
  void meters_ofEvictions_countThemByReason() {
    DaxDevice device = tier.addDevice(4);
    try (Reservation mortal = reserve(tier, "mortal", 1)) {
      mortal.commit(StoreMode.REPLACE, Duration.ofSeconds(1));
    }
    put(tier, "k1", 10);
    put(tier, "k2", 10);
    put(tier, "k3", 10);
    tier.pass(Duration.ofSeconds(2));
    tier.store.expiry().expireDue();
    put(tier, "k4", 10);
    put(tier, "k5", 10);
    tier.store.evictOldest(2);
    tier.store.slots(device).evict(0);

    assertThat(evictions("expired")).isEqualTo(1);
    assertThat(evictions("demand")).isEqualTo(1);
    assertThat(evictions("watermark")).isEqualTo(2);
    assertThat(evictions("operator")).isEqualTo(2);
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double devices(DeviceState state) {
    return registry.get("daxtier.devices").tag("state", state.wireName()).gauge().value();
  }

  private double evictions(String reason) {
    return registry.get("daxtier.evictions").tag("reason", reason).functionCounter().count();
  }
}
