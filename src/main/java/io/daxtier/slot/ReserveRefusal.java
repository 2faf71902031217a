package io.daxtier.slot;

/** Why no slot was reserved. */
public enum ReserveRefusal implements ReserveResult {
  /** No slot is free, and none can be made free. */
  NO_ROOM,
  /** The object is longer than a slot. */
  TOO_LARGE
}
