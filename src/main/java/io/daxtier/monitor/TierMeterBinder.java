package io.daxtier.monitor;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DeviceState;
import io.daxtier.monitor.TierSnapshots.TierSnapshot;
import io.daxtier.slot.EvictionCounts;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Meters of the tier as a whole. */
final class TierMeterBinder implements MeterBinder {

  private static final Map<String, ToDoubleFunction<EvictionCounts>> EVICTION_REASONS =
      Map.of(
          "watermark", EvictionCounts::watermark,
          "demand", EvictionCounts::demand,
          "expired", EvictionCounts::expired,
          "operator", EvictionCounts::operator);

  private final DaxDeviceRegistry devices;
  private final TierSnapshots snapshots;

  TierMeterBinder(DaxDeviceRegistry devices, TierSnapshots snapshots) {
    this.devices = devices;
    this.snapshots = snapshots;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "daxtier.objects", "Objects that can be found", t -> t.usage().objects());
    gauge(
        registry,
        "daxtier.usage.ratio",
        "Slots that are not free, of the slots of all usable devices",
        t -> t.usage().usedFraction());
    gauge(registry, "daxtier.locks", "Locks that sessions hold on objects", t -> t.locks().locks());
    TimeGauge.builder(
            "daxtier.locks.oldest.age",
            snapshots,
            TimeUnit.MILLISECONDS,
            s -> s.latest().locks().oldest().toMillis())
        .description("How long the oldest lock or reservation of a session has been held")
        .register(registry);
    EVICTION_REASONS.forEach(
        (reason, count) ->
            FunctionCounter.builder(
                    "daxtier.evictions",
                    snapshots,
                    s -> count.applyAsDouble(s.latest().usage().evictions()))
                .description("Objects that went without being deleted by a client")
                .tag("reason", reason)
                .register(registry));
    for (DeviceState state : DeviceState.values()) {
      if (state.isMapped()) {
        Gauge.builder("daxtier.devices", devices, d -> count(d, state))
            .description("Devices by state, removed ones not counted")
            .tag("state", state.wireName())
            .register(registry);
      }
    }
  }

  private void gauge(
      MeterRegistry registry, String name, String description, ToDoubleFunction<TierSnapshot> of) {
    Gauge.builder(name, snapshots, s -> of.applyAsDouble(s.latest()))
        .description(description)
        .register(registry);
  }

  private static long count(DaxDeviceRegistry devices, DeviceState state) {
    return devices.devices().stream().filter(device -> device.state() == state).count();
  }
}
