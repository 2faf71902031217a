package io.daxtier.slot;

import java.time.Duration;

/**
 * How a {@link SlotStore} behaves.
 *
 * @param slotBytes length of each slot, and so the largest object
 * @param evictOnDemand whether a store that finds no free slot may evict the oldest object
 * @param existsGrace how long an object is safe from eviction after EXISTS said yes
 * @param lockTimeout how long a session's lock or reservation lasts unless renewed
 * @param quarantine how long slots are held back whose writer may still be writing
 */
public record SlotStoreOptions(
    long slotBytes,
    boolean evictOnDemand,
    Duration existsGrace,
    Duration lockTimeout,
    Duration quarantine) {

  public SlotStoreOptions {
    if (slotBytes <= 0) {
      throw new IllegalArgumentException("slotBytes must be positive: " + slotBytes);
    }
    if (existsGrace.isNegative() || quarantine.isNegative()) {
      throw new IllegalArgumentException(
          "existsGrace and quarantine must not be negative: " + existsGrace + ", " + quarantine);
    }
    if (!lockTimeout.isPositive()) {
      throw new IllegalArgumentException("lockTimeout must be positive: " + lockTimeout);
    }
  }
}
