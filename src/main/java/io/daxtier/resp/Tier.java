package io.daxtier.resp;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.SlotStore;
import java.util.function.LongSupplier;

/** What all connections work on. Thread-safe. */
record Tier(
    SlotStore store,
    DaxDeviceRegistry registry,
    RespOptions options,
    RespObserver observer,
    Workers workers,
    LongSupplier nanoClock) {

  long now() {
    return nanoClock.getAsLong();
  }

  /** Tells the observer of an operation that began at {@code begun}. */
  void observe(Operation operation, Outcome outcome, long begun, long bytes) {
    observer.operation(operation, outcome, now() - begun, bytes);
  }
}
