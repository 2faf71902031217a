package io.daxtier.slot;

/**
 * What came of moving one object.
 *
 * @param bytes payload bytes moved, 0 unless {@link Outcome#MOVED}
 */
public record MoveResult(Outcome outcome, long bytes) {

  /** How it ended; the object can be read where it was unless it was moved. */
  public enum Outcome {
    MOVED,
    /** The slot holds no object any more. */
    GONE,
    /** A session holds a lock on it. */
    LOCKED,
    /** There is no other device that takes objects. */
    NO_DESTINATION,
    /** All that take objects are full. */
    NO_ROOM,
    /** A page of the source is lost. */
    SOURCE_FAULT,
    /** A page of the destination is lost; that device has failed. */
    TARGET_FAULT
  }

  static MoveResult of(Outcome outcome) {
    return new MoveResult(outcome, 0);
  }
}
