package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.key;
import static io.daxtier.monitor.TierActions.put;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.TestTier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaltMeterBinderTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private TestTier tier;
  private SaltMeterBinder meters;

  @BeforeEach
  void bind(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
    tier.addDevice(200);
    meters = new SaltMeterBinder(tier.store);
    meters.bindTo(registry);
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void meters_ofSalts_tellTheSlotsTheyOccupy() {
    put(tier, key(1, "alice"), 10);
    put(tier, key(2, "alice"), 10);
    put(tier, "no salt", 10);
    meters.refresh();

    assertThat(values()).isEqualTo(Map.of("alice", 2.0 * SLOT_BYTES, "", 1.0 * SLOT_BYTES));
  }

  @Test
  void meters_ofSaltWithoutObjects_goAway() {
    put(tier, key(1, "alice"), 10);
    meters.refresh();
    tier.store.delete(ObjectKey.of(key(1, "alice")));
    put(tier, key(2, "bob"), 10);
    meters.refresh();

    assertThat(values()).isEqualTo(Map.of("bob", 1.0 * SLOT_BYTES));
  }

  @Test
  void meters_ofManySalts_areThoseOfTheLargest() {
    IntStream.range(0, 100).forEach(i -> put(tier, key(i, "s" + i), 10));
    put(tier, key(100, "s99"), 10);
    meters.refresh();

    assertThat(values()).hasSize(SaltMeterBinder.MAX_SALTS).containsEntry("s99", 2.0 * SLOT_BYTES);
  }

  @Test
  void meters_ofLongSalts_haveShortLabelsAndAddUp() {
    String prefix = "x".repeat(SaltMeterBinder.MAX_LABEL_LENGTH);
    put(tier, key(1, prefix + "1"), 10);
    put(tier, key(2, prefix + "2"), 10);
    meters.refresh();

    assertThat(values()).isEqualTo(Map.of(prefix, 2.0 * SLOT_BYTES));
  }

  @Test
  void meters_ofLongSalts_cutNoCharacterInTwo() {
    String prefix = "x".repeat(SaltMeterBinder.MAX_LABEL_LENGTH - 1);
    put(tier, key(1, prefix + "😀"), 10);
    meters.refresh();

    assertThat(values()).isEqualTo(Map.of(prefix, 1.0 * SLOT_BYTES));
  }

  private Map<String, Double> values() {
    return registry.find("daxtier.salt.used.bytes").gauges().stream()
        .collect(toMap(g -> String.valueOf(g.getId().getTag("cache_salt")), g -> g.value()));
  }
}
