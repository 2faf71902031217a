package io.daxtier.slot;

/** What a commit does when the key is there already. */
public enum StoreMode {
  /** The new bytes replace the old ones at once; readers of the old ones finish on them. */
  REPLACE,
  /** The old bytes stay, which counts as success: objects are immutable. */
  KEEP_EXISTING,
  /** Stores only if the key is absent. */
  IF_ABSENT,
  /** Stores only if the key is there. */
  IF_PRESENT
}
