package io.daxtier.slot;

/**
 * All usable devices together at one moment. Used is what is not free: reserved, committed and
 * retired slots.
 *
 * @param slots slots of all usable devices
 * @param borrowed slots being read inside the service
 * @param locked slots that sessions hold locks on
 * @param payloadBytes bytes of the objects themselves
 * @param objects keys that can be found
 * @param slotBytes length of a slot
 */
public record StoreUsage(
    long slots,
    long free,
    long reserved,
    long committed,
    long retired,
    long borrowed,
    long locked,
    long payloadBytes,
    long objects,
    long slotBytes,
    EvictionCounts evictions) {

  public long used() {
    return slots - free;
  }

  /** Used of all slots, 0 to 1; 0 if there are no slots. */
  public double usedFraction() {
    return slots == 0 ? 0 : (double) used() / slots;
  }
}
