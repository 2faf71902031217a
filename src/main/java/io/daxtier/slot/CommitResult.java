package io.daxtier.slot;

/** What came of a commit. */
public enum CommitResult {
  /** The new bytes can be read. */
  STORED,
  /** The key was there and kept its bytes. */
  KEPT,
  /** The condition on the key did not hold; nothing changed. */
  CONDITION_FAILED,
  /** The reservation had ended before: aborted, expired, or its device failed. */
  LOST
}
