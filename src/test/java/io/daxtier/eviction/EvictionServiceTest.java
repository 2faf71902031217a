package io.daxtier.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.SlotStoreInvariants;
import io.daxtier.slot.TestTier;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvictionServiceTest {

  private static final Instant NOW = Instant.parse("2026-11-24T19:00:00Z");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    // objects of 10 slots, watermark, ratio, evicted
    "7, 0.8, 0.2, 0",
    "8, 0.8, 0.2, 1",
    "10, 0.8, 0.2, 2",
    "10, 1.0, 0.05, 1",
    "10, 0.5, 1.0, 10",
    "10, 0.5, 0.0, 0",
  })
  void tick_atTheWatermark_evictsTheRatioOfTheOldest(
      int objects, double watermark, double ratio, int evicted) {
    try (TestTier tier = filled(objects)) {
      EvictionService service = service(tier, EvictionPolicy.LRU, watermark, ratio);
      service.tick();
      assertThat(tier.store.objectCount()).isEqualTo(objects - evicted);
      for (int i = 0; i < objects; i++) {
        assertThat(tier.get("k" + i)).isEqualTo(i < evicted ? null : "v");
      }
      assertThat(tier.store.usage().evictions().watermark()).isEqualTo(evicted);
      assertThat(service.status().lastEvicted()).isEqualTo(evicted);
      assertThat(service.status().lastRun().isPresent()).isEqualTo(evicted > 0);
      SlotStoreInvariants.checkIdle(tier.store);
    }
  }

  @Test
  void tick_atTheWatermarkAgain_takesTheNext() {
    try (TestTier tier = filled(2)) {
      EvictionService service = service(tier, EvictionPolicy.LRU, 0.1, 0.5);
      service.tick();
      assertThat(tier.get("k0")).isNull();
      assertThat(tier.get("k1")).isEqualTo("v");
      service.tick();
      assertThat(tier.store.objectCount()).isZero();
      service.tick();
    }
  }

  @Test
  void tick_withoutPolicyOrWithNoop_evictsNothing() {
    try (TestTier tier = filled(10)) {
      service(tier, EvictionPolicy.NOOP, 0.1, 1).tick();
      new EvictionService(tier.store, null, InstantSource.fixed(NOW)).tick();
      assertThat(tier.store.objectCount()).isEqualTo(10);
    }
  }

  @Test
  void tick_withoutDevices_doesNothing() {
    try (TestTier tier = new TestTier(folder, 16, true)) {
      EvictionService service = service(tier, EvictionPolicy.LRU, 0.1, 1);
      service.tick();
      tier.addDevice(1);
      tier.put("k", "v");
      service.tick();
      assertThat(tier.store.objectCount()).isZero();
    }
  }

  @Test
  void tick_freesWhatHasExpiredWithoutAnyPolicy() {
    try (TestTier tier = new TestTier(folder, 16, false, 1)) {
      tier.put("k", "v", Duration.ofSeconds(1));
      tier.pass(Duration.ofSeconds(1));
      new EvictionService(tier.store, null, InstantSource.fixed(NOW)).tick();
      assertThat(tier.store.usage().used()).isZero();
    }
  }

  @Test
  void start_ticksByItself() {
    try (TestTier tier = filled(10);
        EvictionService service = service(tier, EvictionPolicy.LRU, 0.5, 1)) {
      service.start();
      service.start();
      Awaitility.await().until(() -> tier.store.objectCount() == 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0.2", "1.1, 0.2", "NaN, 0.2", "0.8, -0.1", "0.8, 1.1", "0.8, NaN"})
  void options_outOfRange_areRefused(double watermark, double ratio) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvictionOptions(EvictionPolicy.LRU, watermark, ratio));
  }

  @Test
  void tick_lockedObjects_stay() {
    try (TestTier tier = filled(10)) {
      assertThat(tier.session.lookup(ObjectKey.of("k0"))).isNotNull();
      tier.store.exists(ObjectKey.of("k1"));
      service(tier, EvictionPolicy.LRU, 0.5, 1).tick();
      assertThat(tier.get("k0")).isEqualTo("v");
      assertThat(tier.get("k1")).isEqualTo("v");
      assertThat(tier.store.objectCount()).isEqualTo(2);
    }
  }

  private TestTier filled(int objects) {
    TestTier tier = new TestTier(folder, 16, false, 10);
    for (int i = 0; i < objects; i++) {
      tier.put("k" + i, "v");
    }
    return tier;
  }

  private static EvictionService service(
      TestTier tier, EvictionPolicy policy, double watermark, double ratio) {
    return new EvictionService(
        tier.store, new EvictionOptions(policy, watermark, ratio), InstantSource.fixed(NOW));
  }
}
