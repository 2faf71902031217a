package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store against a plain map, with random operations and a seed that every failure names. */
class SlotStoreModelTest {

  private static final int OPERATIONS = 60_000;
  private static final int KEYS = 40;
  private static final int SLOT_BYTES = 32;

  @TempDir Path folder;

  /** What a client may expect of a key. */
  private record Expected(String value, long expiresAt) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 20261124})
  void operations_inAnyOrder_matchAPlainMap(long seed) {
    Random random = new Random(seed);
    Map<String, Expected> model = new LinkedHashMap<>();
    List<Grant> locks = new ArrayList<>();
    try (TestTier tier = new TestTier(folder, SLOT_BYTES, false, 16, 16, 32)) {
      for (int step = 0; step < OPERATIONS; step++) {
        String context = "seed " + seed + ", step " + step;
        String key = "m@01000100@0@" + (random.nextInt(KEYS) + 10) + "@salt" + random.nextInt(3);
        model.values().removeIf(e -> e.expiresAt() <= tier.nanos.get());
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> store(tier, model, random, key, context);
          case 3, 4, 5 -> assertThat(tier.get(key)).as(context).isEqualTo(value(model, key));
          case 6 ->
              assertThat(tier.store.exists(ObjectKey.of(key)))
                  .as(context)
                  .isEqualTo(model.containsKey(key));
          case 7 ->
              assertThat(tier.store.delete(ObjectKey.of(key)))
                  .as(context)
                  .isEqualTo(model.remove(key) != null);
          case 8 -> lock(tier, model, locks, key, context);
          case 9 -> unlockOne(tier, locks, random, context);
          case 10 -> tier.pass(Duration.ofMillis(random.nextInt(2000)));
          default -> move(tier, random);
        }
        if (step % 64 == 0) {
          tier.store.expiry().expireDue();
          SlotStoreInvariants.check(tier.store);
        }
      }
      assertThat(tier.store.objectCount()).isGreaterThan(0);
    }
  }

  private static void store(
      TestTier tier, Map<String, Expected> model, Random random, String key, String context) {
    String value = key.substring(10) + "#" + random.nextInt(1000);
    Duration timeToLive = random.nextInt(4) == 0 ? Duration.ofSeconds(5) : null;
    boolean stored = tier.put(key, value, timeToLive);
    if (stored) {
      long expiresAt =
          timeToLive == null ? Long.MAX_VALUE : tier.nanos.get() + timeToLive.toNanos();
      model.put(key, new Expected(value, expiresAt));
    } else {
      assertThat(tier.store.usage().free()).as(context).isZero();
    }
  }

  private static void lock(
      TestTier tier, Map<String, Expected> model, List<Grant> locks, String key, String context) {
    if (locks.size() >= 8) {
      return;
    }
    Grant grant = tier.session.lookup(ObjectKey.of(key));
    if (grant == null) {
      assertThat(model).as(context).doesNotContainKey(key);
    } else {
      assertThat(tier.read(grant)).as(context).isEqualTo(value(model, key));
      locks.add(grant);
    }
  }

  /** Whatever happened to the key since, the locked bytes are still the ones looked up. */
  private static void unlockOne(TestTier tier, List<Grant> locks, Random random, String context) {
    if (!locks.isEmpty()) {
      Grant grant = locks.remove(random.nextInt(locks.size()));
      assertThat(tier.session.unlock(List.of(grant.token(), grant.token())))
          .as(context)
          .containsExactly(true, false);
    }
  }

  private static void move(TestTier tier, Random random) {
    DeviceSlots source = tier.slots(random.nextInt(3));
    long slot = source.nextObject(random.nextInt(16));
    if (slot >= 0) {
      source.move(slot);
    }
  }

  private static @Nullable String value(Map<String, Expected> model, String key) {
    Expected expected = model.get(key);
    return expected == null ? null : expected.value();
  }
}
