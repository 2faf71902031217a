package io.daxtier.bench;

import io.daxtier.slot.CommitResult;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What eviction costs: on demand by a store into a full tier, and by a tick per object. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
public class EvictionBenchmark {

  @Param({"10000", "1000000"})
  private int objects;

  private FilledTier tier;
  private byte[][] keys;
  private int next;

  /** Twice as many keys as slots, stored in turn, so that each one has been evicted before. */
  @Setup(Level.Trial)
  public void fill() {
    keys = FilledTier.keys(2 * objects, 0);
    tier = new FilledTier(objects);
    next = 0;
    for (int i = 0; i < objects; i++) {
      storeNext();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    tier.close();
  }

  /** A store that has to evict the oldest object first. */
  @Benchmark
  public CommitResult storeEvicting() {
    return storeNext();
  }

  /** The oldest object goes and another one is stored in its slot. */
  @Benchmark
  public CommitResult evictOldestThenStore() {
    if (tier.store.evictOldest(1) != 1) {
      throw new IllegalStateException("nothing was evicted");
    }
    return storeNext();
  }

  private CommitResult storeNext() {
    byte[] key = keys[next];
    next = next + 1 == keys.length ? 0 : next + 1;
    return tier.store(key);
  }
}
