package io.daxtier.resp;

/** What a client asked of the tier, as the meters count it. */
public enum Operation {
  /** An object written: SET, each key of DAX.COMMIT, or of DAX.RESERVE if it gives no slot. */
  STORE,
  /** An object read: GET, each key of MGET, DAX.UNLOCK. */
  LOAD,
  /** A question whether an object is there: each key of EXISTS and DAX.LOOKUP. */
  LOOKUP
}
