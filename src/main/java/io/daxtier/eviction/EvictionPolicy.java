package io.daxtier.eviction;

/** Which objects go when usage is high. */
public enum EvictionPolicy {
  /** Those stored or loaded longest ago. */
  LRU,
  /** None, ever. */
  NOOP
}
