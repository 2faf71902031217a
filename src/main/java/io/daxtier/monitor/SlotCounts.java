package io.daxtier.monitor;

import io.daxtier.slot.DeviceUsage;

/**
 * Slots by what they are used for, of one device or of several. Immutable.
 *
 * @param used slots that are not free, those being written included
 * @param reserved slots being written
 * @param committed slots with an object that can be found
 * @param borrowed slots being read inside the service
 * @param locked slots that sessions hold locks on
 * @param graced objects that EXISTS keeps from eviction
 * @param retired slots without an object, still read or locked
 * @param payloadBytes bytes of the objects themselves
 * @param usage used of all slots, 0 to 1; 0 if there are no slots
 */
public record SlotCounts(
    long slots,
    long used,
    long free,
    long reserved,
    long committed,
    long borrowed,
    long locked,
    long graced,
    long retired,
    long payloadBytes,
    double usage) {

  static final SlotCounts NONE = new SlotCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  static SlotCounts of(DeviceUsage usage) {
    return new SlotCounts(
        usage.slots(),
        usage.used(),
        usage.free(),
        usage.reserved(),
        usage.committed(),
        usage.borrowed(),
        usage.locked(),
        usage.graced(),
        usage.retired(),
        usage.payloadBytes(),
        fraction(usage.used(), usage.slots()));
  }

  SlotCounts plus(SlotCounts other) {
    return new SlotCounts(
        slots + other.slots,
        used + other.used,
        free + other.free,
        reserved + other.reserved,
        committed + other.committed,
        borrowed + other.borrowed,
        locked + other.locked,
        graced + other.graced,
        retired + other.retired,
        payloadBytes + other.payloadBytes,
        fraction(used + other.used, slots + other.slots));
  }

  private static double fraction(long used, long slots) {
    return slots == 0 ? 0 : (double) used / slots;
  }
}
