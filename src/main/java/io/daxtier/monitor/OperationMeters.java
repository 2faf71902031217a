package io.daxtier.monitor;

import static java.util.Objects.requireNonNull;

import io.daxtier.resp.Operation;
import io.daxtier.resp.Outcome;
import io.daxtier.resp.RespObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Times and counts what the data plane does. Every meter exists from the start, so that the first
 * event shows in a rate and recording it allocates nothing. Any thread may call it.
 */
final class OperationMeters implements RespObserver {

  /** Bounds of the histogram: from a lookup in memory to a stalled peer's time-out. */
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(10_000),
    Duration.ofNanos(25_000),
    Duration.ofNanos(50_000),
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30)
  };

  private static final Set<Outcome> READ_OUTCOMES =
      EnumSet.of(Outcome.HIT, Outcome.MISS, Outcome.DENIED, Outcome.ERROR);

  private static final Set<Outcome> STORE_OUTCOMES =
      EnumSet.complementOf(EnumSet.of(Outcome.HIT, Outcome.MISS));

  private final Map<Operation, Map<Outcome, Timer>> timers = new EnumMap<>(Operation.class);
  private final Counter in;
  private final Counter out;

  OperationMeters(MeterRegistry registry) {
    for (Operation operation : Operation.values()) {
      timers.put(operation, timers(registry, operation));
    }
    in = bytes(registry, "in");
    out = bytes(registry, "out");
  }

  @Override
  public void operation(Operation operation, Outcome outcome, long nanos, long bytes) {
    Timer timer = requireNonNull(requireNonNull(timers.get(operation)).get(outcome));
    timer.record(nanos, TimeUnit.NANOSECONDS);
    if (bytes > 0) {
      (operation == Operation.STORE ? in : out).increment((double) bytes);
    }
  }

  /** For every outcome; one that the operation cannot have counts as an error. */
  private static Map<Outcome, Timer> timers(MeterRegistry registry, Operation operation) {
    Set<Outcome> outcomes = operation == Operation.STORE ? STORE_OUTCOMES : READ_OUTCOMES;
    Map<Outcome, Timer> timers = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      Outcome counted = outcomes.contains(outcome) ? outcome : Outcome.ERROR;
      timers.put(outcome, timer(registry, operation, counted));
    }
    return timers;
  }

  private static Timer timer(MeterRegistry registry, Operation operation, Outcome outcome) {
    return Timer.builder("daxtier.operations")
        .description("Operations of clients, from the parsed command to the last byte")
        .tag("operation", operation.name().toLowerCase(Locale.ROOT))
        .tag("outcome", outcome.wireName())
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private static Counter bytes(MeterRegistry registry, String direction) {
    return Counter.builder("daxtier.transfer.bytes")
        .description("Bytes of objects that were stored (in) and loaded (out)")
        .baseUnit(BaseUnits.BYTES)
        .tag("direction", direction)
        .register(registry);
  }
}
