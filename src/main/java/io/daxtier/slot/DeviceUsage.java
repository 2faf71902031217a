package io.daxtier.slot;

/**
 * One device's slots at one moment.
 *
 * @param locked slots that sessions hold locks on
 * @param graced objects that EXISTS keeps from eviction, counted while the store went on
 * @param payloadBytes bytes of the objects themselves
 * @param activeReads reads in progress inside the service
 * @param activeWrites writes in progress inside the service
 */
public record DeviceUsage(
    long slots,
    long free,
    long reserved,
    long committed,
    long retired,
    long borrowed,
    long locked,
    long graced,
    long payloadBytes,
    int activeReads,
    int activeWrites) {

  public long used() {
    return slots - free;
  }
}
