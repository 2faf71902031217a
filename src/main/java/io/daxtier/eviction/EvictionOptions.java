package io.daxtier.eviction;

/**
 * When eviction starts and how much goes.
 *
 * @param triggerWatermark used fraction of the slots at which a tick evicts, above 0 up to 1
 * @param evictionRatio fraction of the objects that a tick evicts, 0 to 1; 0 leaves only eviction
 *     on demand
 */
public record EvictionOptions(
    EvictionPolicy policy, double triggerWatermark, double evictionRatio) {

  public EvictionOptions {
    if (!(triggerWatermark > 0 && triggerWatermark <= 1)) {
      throw new IllegalArgumentException(
          "triggerWatermark must be above 0 and at most 1: " + triggerWatermark);
    }
    if (!(evictionRatio >= 0 && evictionRatio <= 1)) {
      throw new IllegalArgumentException("evictionRatio must be 0 to 1: " + evictionRatio);
    }
  }
}
