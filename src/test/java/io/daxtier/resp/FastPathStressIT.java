package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.daxtier.device.DaxDevice;
import io.daxtier.slot.DeviceSlots;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Readers that copy from locked addresses, writers that copy to reserved ones, evictions, forced
 * evictions of a device, deletes and expiring locks, all on few slots. Every payload says its key
 * and its generation on each of its words; a read that {@code DAX.UNLOCK} calls good must have one
 * key and one generation throughout. {@code -Ddaxtier.stress.reads=1000000} is the long run.
 */
@Timeout(900)
class FastPathStressIT {

  private static final long READS = Long.getLong("daxtier.stress.reads", 30_000);
  private static final int SLOT_BYTES = 4096;
  private static final int SLOTS = 8;
  private static final int KEYS = 12;
  private static final int BATCH = 4;

  private final AtomicLong validated = new AtomicLong();
  private final AtomicLong thrownAway = new AtomicLong();
  private final AtomicLong generation = new AtomicLong();
  private final AtomicBoolean done = new AtomicBoolean();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final long seed = System.nanoTime();

  @FunctionalInterface
  private interface Client {
    void step(RespPeer peer, Random random) throws IOException;
  }

  @Test
  void acceptedReads_areNeverOfAnotherObject() throws Exception {
    try (TestTier tier =
        TestTier.builder()
            .slotBytes(SLOT_BYTES)
            .slots(SLOTS)
            .devices(2)
            .evicting()
            .existsGrace(Duration.ZERO)
            .lockTimeout(Duration.ofMillis(20))
            .start()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(client(tier, i, (peer, random) -> read(tier, peer, random)));
        threads.add(client(tier, 10 + i, (peer, random) -> write(tier, peer, random)));
      }
      threads.add(client(tier, 20, this::delete));
      await()
          .atMost(Duration.ofMinutes(14))
          .until(() -> validated.get() >= READS || !failures.isEmpty());
      done.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).as("seed " + seed).isEmpty();
      assertThat(thrownAway).as("some locks were lost, or nothing was shown").hasPositiveValue();
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.locks().locks() + tier.store.locks().reservations()).isZero();
      assertThat(tier.store.usage().retired()).isZero();
    }
  }

  private Thread client(TestTier tier, int number, Client client) {
    return Thread.ofPlatform()
        .start(
            () -> {
              Random random = new Random(seed + number);
              try (RespPeer peer = tier.connect()) {
                while (!done.get() && failures.isEmpty()) {
                  client.step(peer, random);
                }
              } catch (IOException | RuntimeException | Error e) {
                failures.add(e);
              }
            });
  }

  private void read(TestTier tier, RespPeer peer, Random random) throws IOException {
    if (random.nextInt(4) == 0) {
      harass(tier, random);
    }
    String[] words = new String[1 + BATCH];
    words[0] = "DAX.LOOKUP";
    long[] keys = new long[BATCH];
    for (int i = 0; i < BATCH; i++) {
      keys[i] = random.nextInt(KEYS);
      words[1 + i] = "k" + keys[i];
    }
    peer.command(words);
    assertThat(peer.readLine()).isEqualTo("*" + BATCH);
    List<String> tokens = new ArrayList<>();
    List<Boolean> sound = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      if (peer.readLine().equals("*4")) {
        long device = number(peer);
        long offset = number(peer);
        int length = (int) number(peer);
        peer.readLine();
        tokens.add(peer.readLine());
        if (random.nextInt(2000) == 0) {
          // hangs until its lock has expired
          await().until(() -> hasNoLateLock(tier));
        }
        sound.add(isSound(tier, device, offset, length, keys[i]));
      }
    }
    if (tokens.isEmpty()) {
      return;
    }
    tokens.addFirst("DAX.UNLOCK");
    peer.command(tokens.toArray(String[]::new));
    assertThat(peer.readLine()).isEqualTo("*" + sound.size());
    for (boolean wasSound : sound) {
      if (number(peer) == 0) {
        thrownAway.incrementAndGet();
      } else if (wasSound) {
        validated.incrementAndGet();
      } else {
        throw new AssertionError("bytes of another object were called good");
      }
    }
  }

  private static boolean hasNoLateLock(TestTier tier) {
    tier.store.sweepLeases(); // all readers may hang here at once
    return tier.store.locks().oldest().compareTo(Duration.ofMillis(40)) < 0;
  }

  private boolean isSound(TestTier tier, long device, long offset, int length, long key) {
    byte[] copy = new byte[length];
    MemorySegment.copy(
        MemorySegment.ofBuffer(buffer(tier, device, offset, length)),
        ValueLayout.JAVA_BYTE,
        0,
        copy,
        0,
        length);
    ByteBuffer words = ByteBuffer.wrap(copy);
    long seenGeneration = words.getLong(8);
    while (words.hasRemaining()) {
      if (words.getLong() != key || words.getLong() != seenGeneration) {
        return false;
      }
    }
    return true;
  }

  private void write(TestTier tier, RespPeer peer, Random random) throws IOException {
    int key = random.nextInt(KEYS);
    int length = 16 * (1 + random.nextInt(SLOT_BYTES / 16));
    peer.command("DAX.RESERVE", "k" + key, Integer.toString(length));
    assertThat(peer.readLine()).isEqualTo("*1");
    if (!peer.readLine().equals("*3")) {
      return;
    }
    long device = number(peer);
    long offset = number(peer);
    peer.readLine();
    String token = peer.readLine();
    ByteBuffer slot = buffer(tier, device, offset, length);
    long number = generation.incrementAndGet();
    while (slot.hasRemaining()) {
      slot.putLong(key).putLong(number);
    }
    String end = random.nextInt(8) == 0 ? "DAX.ABORT" : "DAX.COMMIT";
    if (peer.ask(end, token).endsWith(":0\r\n")) {
      peer.ask("DAX.ABORT", token); // expired: the slot is given back
    }
  }

  private void delete(RespPeer peer, Random random) throws IOException {
    String key = "k" + random.nextInt(KEYS);
    peer.ask(random.nextBoolean() ? "DEL" : "DAX.DEL", key);
  }

  /** What the eviction service and a forced removal do; by the readers, at their pace. */
  private static void harass(TestTier tier, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> tier.store.evictOldest(1 + random.nextInt(3));
      case 1 -> tier.store.sweepLeases();
      default -> {
        List<DeviceSlots> devices = tier.store.devices();
        DeviceSlots slots = devices.get(random.nextInt(devices.size()));
        slots.evict(random.nextInt(SLOTS));
        if (random.nextInt(4) == 0) {
          slots.dropLocks(0);
        }
      }
    }
  }

  private static ByteBuffer buffer(TestTier tier, long device, long offset, int length) {
    DaxDevice found =
        tier.registry.devices().stream().filter(d -> d.id() == device).findFirst().orElseThrow();
    return found.mapping().buffer(offset, length);
  }

  private static long number(RespPeer peer) throws IOException {
    return Long.parseLong(peer.readLine().substring(1));
  }
}
