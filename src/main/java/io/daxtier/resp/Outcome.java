package io.daxtier.resp;

import java.util.Locale;

/** How an {@link Operation} ended. */
public enum Outcome {
  /** Load, lookup: the object was there. */
  HIT,
  /** Load, lookup: it was not. */
  MISS,
  /** Store: the object can be read. */
  STORED,
  /** Store: NX, XX or an object that was there already kept the old state. */
  KEPT,
  /** Store: no slot was free and none could be made free. */
  FULL,
  /** Store: longer than a slot. */
  TOO_LARGE,
  /** The client had not authenticated. */
  DENIED,
  /** The transfer broke off, the device failed or the request was wrong. */
  ERROR;

  /** The value of the meters' label. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
