package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DeviceState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers, writers, deleters, a locker and a mover on few slots. Every payload is its key's number
 * and a generation, repeated, so that a byte of another object, or of two generations, shows.
 */
class SlotStoreConcurrencyTest {

  private static final int READS = Integer.getInteger("daxtier.stress.reads", 30_000);
  private static final int KEYS = 12;
  private static final int SLOT_BYTES = 1024;

  @TempDir Path folder;

  @Test
  void bytes_underEveryKindOfTraffic_areTheKeysOwn() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    try (TestTier tier = new TestTier(folder, SLOT_BYTES, true, 6, 6);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> others = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int seed = i;
        others.add(threads.submit(() -> write(tier, new Random(seed), done)));
      }
      others.add(threads.submit(() -> lock(tier, new Random(7), done, reads)));
      others.add(threads.submit(() -> move(tier, done)));
      for (int i = 0; i < 2; i++) {
        int seed = 100 + i;
        others.add(threads.submit(() -> read(tier, new Random(seed), done, reads)));
      }
      while (reads.get() < READS && others.stream().noneMatch(Future::isDone)) {
        SlotStoreInvariants.check(tier.store);
        Thread.onSpinWait();
      }
      done.set(true);
      for (Future<?> other : others) {
        other.get();
      }
      assertThat(reads.get()).isGreaterThanOrEqualTo(READS);
      SlotStoreInvariants.checkIdle(tier.store);
    }
  }

  private static void write(TestTier tier, Random random, AtomicBoolean done) {
    for (int generation = 0; !done.get(); generation++) {
      int number = random.nextInt(KEYS);
      if (random.nextInt(8) == 0) {
        tier.store.delete(key(number));
      } else if (tier.store.reserve(tier.session, key(number), SLOT_BYTES)
          instanceof Reservation reservation) {
        try (reservation) {
          ByteBuffer bytes = reservation.buffer(0, SLOT_BYTES);
          while (bytes.hasRemaining()) {
            bytes.putInt(number).putInt(generation);
          }
          if (random.nextInt(8) != 0) {
            reservation.commit(StoreMode.REPLACE, null);
          }
        }
      }
    }
  }

  private static void read(TestTier tier, Random random, AtomicBoolean done, AtomicLong reads) {
    while (!done.get()) {
      int number = random.nextInt(KEYS);
      try (Borrow borrow = tier.store.borrow(tier.session, key(number))) {
        if (borrow != null) {
          check(number, borrow.buffer(0, SLOT_BYTES));
          tier.store.loaded(List.of(borrow));
          reads.incrementAndGet();
        }
      }
    }
  }

  /** A client that maps the device: what it copied counts only if its unlock says so. */
  private static void lock(TestTier tier, Random random, AtomicBoolean done, AtomicLong reads) {
    try (Session session = tier.session("locker")) {
      while (!done.get()) {
        int number = random.nextInt(KEYS);
        Grant grant = session.lookup(key(number));
        if (grant != null) {
          ByteBuffer copy = ByteBuffer.allocate(SLOT_BYTES);
          copy.put(tier.device(grant.deviceId()).mapping().buffer(grant.offset(), SLOT_BYTES));
          if (session.unlock(List.of(grant.token()))[0]) {
            check(number, copy.flip());
            reads.incrementAndGet();
          }
        }
      }
    }
  }

  private static void move(TestTier tier, AtomicBoolean done) {
    for (int turn = 0; !done.get(); turn++) {
      int index = turn % 2;
      assertThat(tier.device(index).move(DeviceState.ACTIVE, DeviceState.MIGRATING)).isTrue();
      DeviceSlots slots = tier.slots(index);
      for (long slot = slots.nextObject(0); slot >= 0; slot = slots.nextObject(slot + 1)) {
        slots.move(slot);
      }
      if (turn % 3 == 0) {
        slots.dropLocks(0);
      }
      assertThat(tier.device(index).move(DeviceState.MIGRATING, DeviceState.ACTIVE)).isTrue();
    }
  }

  private static void check(int number, ByteBuffer bytes) {
    int generation = bytes.getInt(4);
    while (bytes.hasRemaining()) {
      assertThat(bytes.getInt()).isEqualTo(number);
      assertThat(bytes.getInt()).isEqualTo(generation);
    }
  }

  private static ObjectKey key(int number) {
    return ObjectKey.of("m@01000100@0@" + (number + 10) + "@salt" + number % 3);
  }
}
