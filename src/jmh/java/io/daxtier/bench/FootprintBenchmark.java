package io.daxtier.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How much heap an object takes, its key of 108 bytes included: the secondary result {@code
 * bytesPerObject}, of which JMH would print the sum of several iterations. The primary one is the
 * time to fill an empty store.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
@Warmup(iterations = 1)
@Measurement(iterations = 1)
public class FootprintBenchmark {

  @Param({"1000000"})
  private int objects;

  /** Heap in use, divided by the objects. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Heap {
    public double bytesPerObject;
  }

  @Benchmark
  public void fill(Heap heap) {
    long before = usedBytes();
    try (FilledTier tier = new FilledTier(objects)) {
      for (int i = 0; i < objects; i++) {
        tier.store(FilledTier.key(i));
      }
      heap.bytesPerObject = (double) (usedBytes() - before) / objects;
    }
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
