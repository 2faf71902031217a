package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.slot.Grant;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStoreInvariants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients go on, and lose nothing, while devices come, go, shrink and grow under them. */
class HotplugOnlineIT {

  private static final int OBJECTS = 120;
  private static final int ROUNDS = 6;

  @TempDir Path folder;

  @Test
  void loadsStoresAndLookups_goOnWhileDevicesChange() throws Exception {
    try (DaxRig rig = new DaxRig(folder);
        ExecutorService clients = Executors.newFixedThreadPool(3)) {
      List<String> keys = IntStream.range(0, OBJECTS).mapToObj(i -> "k" + i).toList();
      Path home = rig.device(OBJECTS * 2);
      assertThat(keys).allMatch(rig::put);
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong loads = new AtomicLong();
      AtomicLong lookups = new AtomicLong();
      AtomicLong stores = new AtomicLong();
      List<Future<?>> running = new ArrayList<>();
      running.add(clients.submit(() -> load(rig, keys, done, loads)));
      running.add(clients.submit(() -> lookup(rig, keys, done, lookups)));
      running.add(clients.submit(() -> store(rig, done, stores)));

      for (int round = 0; round < ROUNDS; round++) {
        long before = loads.get() + lookups.get() + stores.get();
        Path next = rig.device(OBJECTS * 2);
        removed(rig, home);
        Reply shrunk = rig.resize(next, OBJECTS + 20, "migrate", false);
        while (shrunk.status() == 409) {
          shrunk = rig.resize(next, OBJECTS + 20, "migrate", false);
        }
        assertThat(shrunk.status()).as(shrunk.text()).isEqualTo(200);
        assertThat(rig.resize(next, OBJECTS * 2, "migrate", false).status()).isEqualTo(200);
        SlotStoreInvariants.check(rig.store);
        assertThat(loads.get() + lookups.get() + stores.get()).isGreaterThan(before);
        home = next;
      }

      done.set(true);
      for (Future<?> client : running) {
        client.get();
      }
      SlotStoreInvariants.checkIdle(rig.store);
      assertThat(keys).allMatch(rig::has);
      assertThat(loads.get()).isPositive();
      assertThat(lookups.get()).isPositive();
      assertThat(stores.get()).isPositive();
      rig.clear();
    }
  }

  /** Locks may be in the way at the moment of the call; the same call then succeeds. */
  private static void removed(DaxRig rig, Path device) {
    Reply reply = rig.remove(device, "migrate", false);
    while (reply.status() == 409) {
      assertThat(reply.json().get("status").asString()).isEqualTo("blocked");
      reply = rig.remove(device, "migrate", false);
    }
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
  }

  private static void load(DaxRig rig, List<String> keys, AtomicBoolean done, AtomicLong count) {
    Random random = new Random(1);
    while (!done.get()) {
      String key = keys.get(random.nextInt(keys.size()));
      assertThat(rig.has(key)).as("%s can be read throughout", key).isTrue();
      count.incrementAndGet();
    }
  }

  private static void lookup(DaxRig rig, List<String> keys, AtomicBoolean done, AtomicLong count) {
    Random random = new Random(2);
    try (Session session = rig.client()) {
      while (!done.get()) {
        String key = keys.get(random.nextInt(keys.size()));
        Grant grant =
            Objects.requireNonNull(
                session.lookup(ObjectKey.of(key)), () -> key + " is found throughout");
        assertThat(session.unlock(List.of(grant.token()))).containsExactly(true);
        count.incrementAndGet();
      }
    }
  }

  private static void store(DaxRig rig, AtomicBoolean done, AtomicLong count) {
    int next = 0;
    while (!done.get()) {
      String key = "s" + next++ % 10;
      assertThat(rig.put(key)).as("a store while there is room").isTrue();
      assertThat(rig.has(key)).isTrue();
      count.incrementAndGet();
    }
  }
}
