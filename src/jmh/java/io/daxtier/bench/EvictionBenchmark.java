package io.daxtier.bench;

import io.daxtier.slot.CommitResult;
import org.openjdk.jmh.annotations.Benchmark;

/** What eviction costs: on demand by a store into a full tier, and by a tick per object. */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
public class EvictionBenchmark extends TierBenchmark {

  private byte[][] keys;
  private int next;

  /** Twice as many keys as slots, stored in turn, so that each one has been evicted before. */
  @Override
  FilledTier fill() {
    keys = FilledTier.keys(2 * objects, 0);
    FilledTier filled = new FilledTier(objects);
    next = 0;
    for (int i = 0; i < objects; i++) {
      storeNext(filled);
    }
    return filled;
  }

  /** A store that has to evict the oldest object first. */
  @Benchmark
  public CommitResult storeEvicting() {
    return storeNext(tier);
  }

  /** The oldest object goes and another one is stored in its slot. */
  @Benchmark
  public CommitResult evictOldestThenStore() {
    if (tier.store.evictOldest(1) != 1) {
      throw new IllegalStateException("nothing was evicted");
    }
    return storeNext(tier);
  }

  private CommitResult storeNext(FilledTier into) {
    byte[] key = keys[next];
    next = next + 1 == keys.length ? 0 : next + 1;
    return into.store(key);
  }
}
