package io.daxtier.resp;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A limit to a line of the log that peers can provoke. Thread-safe. */
final class OncePerMinute {

  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoClock;
  private final AtomicLong lastNanos;

  OncePerMinute(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.lastNanos = new AtomicLong(nanoClock.getAsLong() - INTERVAL_NANOS);
  }

  /** Whether to write the line now; then it is not to be written for a minute. */
  boolean isDue() {
    long last = lastNanos.get();
    long now = nanoClock.getAsLong();
    return now - last >= INTERVAL_NANOS && lastNanos.compareAndSet(last, now);
  }
}
