package io.daxtier.bench;

import io.daxtier.slot.Borrow;
import io.daxtier.slot.CommitResult;
import io.daxtier.slot.Grant;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.ReserveResult;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the metadata of an operation costs, without its bytes: random keys among many objects. The
 * time of {@link ObjectKey#of} is in it, as it is for a key that came over a socket.
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
public class SlotStoreBenchmark extends TierBenchmark {

  private byte[][] keys;
  private byte[][] absent;

  /** Each thread's own stream of keys. */
  @State(Scope.Thread)
  public static class Picker {
    private final SplittableRandom random = new SplittableRandom();

    byte[] of(byte[][] keys) {
      return keys[random.nextInt(keys.length)];
    }
  }

  @Override
  FilledTier fill() {
    keys = FilledTier.keys(objects, 0);
    absent = FilledTier.keys(objects, objects);
    FilledTier filled = new FilledTier(objects + 1024);
    filled.fill(keys);
    return filled;
  }

  /** SET of a key that is there: reserve, commit, free the old slot. */
  @Benchmark
  public CommitResult reserveCommit(Picker picker) {
    return tier.store(picker.of(keys));
  }

  /** A SET that is given up. */
  @Benchmark
  public ReserveResult reserveAbort(Picker picker) {
    Reservation reservation =
        (Reservation)
            tier.store.reserve(
                tier.session, ObjectKey.of(picker.of(absent)), FilledTier.SLOT_BYTES);
    reservation.close();
    return reservation;
  }

  /** GET: borrow, refresh, return. */
  @Benchmark
  public long borrow(Picker picker) {
    try (Borrow borrow =
        Objects.requireNonNull(tier.store.borrow(tier.session, ObjectKey.of(picker.of(keys))))) {
      tier.store.loaded(List.of(borrow));
      return borrow.length();
    }
  }

  /** EXISTS that says 1, with its grace. */
  @Benchmark
  public boolean lookupHit(Picker picker) {
    return tier.store.exists(ObjectKey.of(picker.of(keys)));
  }

  /** EXISTS that says 0. */
  @Benchmark
  public boolean lookupMiss(Picker picker) {
    return tier.store.exists(ObjectKey.of(picker.of(absent)));
  }

  /** DAX.LOOKUP and DAX.UNLOCK of one key. */
  @Benchmark
  public boolean[] lockUnlock(Picker picker) {
    Grant grant = Objects.requireNonNull(tier.session.lookup(ObjectKey.of(picker.of(keys))));
    return tier.session.unlock(List.of(grant.token()));
  }
}
