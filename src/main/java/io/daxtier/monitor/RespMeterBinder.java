package io.daxtier.monitor;

import io.daxtier.resp.RespSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Meters of the data plane's connections and of the queues for its workers. */
final class RespMeterBinder implements MeterBinder {

  private final Supplier<RespSnapshot> snapshots;

  RespMeterBinder(Supplier<RespSnapshot> snapshots) {
    this.snapshots = snapshots;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("daxtier.connections", snapshots, s -> s.get().connections())
        .description("Open connections of clients")
        .register(registry);
    FunctionCounter.builder("daxtier.connections.rejected", snapshots, s -> s.get().rejected())
        .description("Connections refused: too many, or from elsewhere without a password")
        .register(registry);
    waiting(registry, "store", RespSnapshot::waitingStores);
    waiting(registry, "lookup", RespSnapshot::waitingLookups);
    waiting(registry, "load", RespSnapshot::waitingLoads);
  }

  private void waiting(
      MeterRegistry registry, String kind, ToDoubleFunction<RespSnapshot> waiting) {
    Gauge.builder("daxtier.workers.waiting", snapshots, s -> waiting.applyAsDouble(s.get()))
        .description("Connections that wait for a worker")
        .tag("kind", kind)
        .register(registry);
  }
}
