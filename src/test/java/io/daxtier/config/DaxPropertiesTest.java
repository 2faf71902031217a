package io.daxtier.config;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.config.DaxProperties.Device;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A property that is added without a default and a mapping here fails both tests. */
class DaxPropertiesTest {

  private static final Map<String, Object> SMALLEST =
      Map.of("dax.device-path", "/d", "dax.max-dax-size-gb", "1", "dax.slot-bytes", "4096");

  @Test
  void defaults_ofEveryProperty() {
    Map<String, @Nullable Object> expected = new LinkedHashMap<>();
    expected.put("dax.device-path", "/d");
    expected.put("dax.max-dax-size-gb", 1.0);
    expected.put("dax.slot-bytes", 4096L);
    expected.put("dax.devices", null);
    expected.put("dax.num-store-workers", 1);
    expected.put("dax.num-lookup-workers", 1);
    expected.put("dax.num-load-workers", Math.min(4, Runtime.getRuntime().availableProcessors()));
    expected.put("dax.hotplug-enabled", false);
    expected.put("dax.persist-enabled", false);
    expected.put("dax.eviction.eviction-policy", null);
    expected.put("dax.eviction.trigger-watermark", null);
    expected.put("dax.eviction.eviction-ratio", null);
    expected.put("dax.exists-grace", Duration.ofSeconds(10));
    expected.put("dax.lock-timeout", Duration.ofMinutes(5));
    expected.put("dax.quarantine", Duration.ofSeconds(60));
    expected.put("dax.drain-timeout", Duration.ofSeconds(30));
    expected.put("dax.transfer-timeout", Duration.ofSeconds(30));
    expected.put("dax.allowed-device-paths", List.of("/dev/dax*"));
    expected.put("dax.admin-token", null);
    expected.put("dax.resp.host", "127.0.0.1");
    expected.put("dax.resp.port", 6380);
    expected.put("dax.resp.unix-socket", null);
    expected.put("dax.resp.username", null);
    expected.put("dax.resp.password", null);
    expected.put("dax.resp.share-devices", false);
    expected.put("dax.resp.max-connections", 1024);
    expected.put("dax.resp.max-arguments", 1_048_576);
    expected.put("dax.resp.max-key-bytes", 1024);
    expected.put("dax.resp.max-bulk-bytes", 536_870_912L);
    expected.put("dax.resp.max-inline-bytes", 65_536);
    expected.put("dax.resp.shutdown-grace", Duration.ofSeconds(20));

    assertThat(valuesOf(Tiers.given().properties(SMALLEST).bind()))
        .containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void evictionDefaults_whereTheBlockIsGivenWithoutThem() {
    Map<String, Object> given = new LinkedHashMap<>(SMALLEST);
    given.put("dax.eviction.eviction-policy", "LRU");

    assertThat(valuesOf(Tiers.given().properties(given).bind()))
        .contains(
            entry("dax.eviction.trigger-watermark", 0.8),
            entry("dax.eviction.eviction-ratio", 0.2));
  }

  @Test
  void fullMapping_ofEveryProperty() {
    Map<String, Object> given = new LinkedHashMap<>();
    Map<String, @Nullable Object> expected = new LinkedHashMap<>();
    for (Mapped mapped : MAPPED) {
      given.put(mapped.name(), mapped.given());
      expected.put(mapped.name(), mapped.expected());
    }
    given.remove("dax.devices");
    given.put("dax.devices[0].device-path", "/d0");
    given.put("dax.devices[0].max-dax-size-gb", "0.5");

    Map<String, @Nullable Object> defaults = valuesOf(Tiers.given().properties(SMALLEST).bind());
    assertThat(valuesOf(Tiers.given().properties(given).bind()))
        .containsExactlyInAnyOrderEntriesOf(expected)
        .allSatisfy((name, value) -> assertThat(value).as(name).isNotEqualTo(defaults.get(name)));
  }

  @Test
  void toString_withSecrets_keepsThem() {
    Map<String, Object> given = new LinkedHashMap<>(SMALLEST);
    given.put("dax.admin-token", "hush-token");
    given.put("dax.resp.password", "hush-password");

    assertThat(Tiers.given().properties(given).bind().toString()).doesNotContain("hush");
  }

  private static Map<String, @Nullable Object> valuesOf(Tier tier) {
    return PropertyNames.valuesOf("dax", tier.properties());
  }

  private record Mapped(String name, String given, Object expected) {}

  private static final List<Mapped> MAPPED =
      List.of(
          new Mapped("dax.device-path", "/one", "/one"),
          new Mapped("dax.max-dax-size-gb", "1.5", 1.5),
          new Mapped("dax.slot-bytes", "1000", 1000L),
          new Mapped("dax.devices", "", List.of(new Device("/d0", 0.5))),
          new Mapped("dax.num-store-workers", "2", 2),
          new Mapped("dax.num-lookup-workers", "3", 3),
          new Mapped("dax.num-load-workers", "5", 5),
          new Mapped("dax.hotplug-enabled", "true", true),
          new Mapped("dax.persist-enabled", "true", true),
          new Mapped("dax.eviction.eviction-policy", "noop", "noop"),
          new Mapped("dax.eviction.trigger-watermark", "0.5", 0.5),
          new Mapped("dax.eviction.eviction-ratio", "0", 0.0),
          new Mapped("dax.exists-grace", "0s", Duration.ZERO),
          new Mapped("dax.lock-timeout", "6m", Duration.ofMinutes(6)),
          new Mapped("dax.quarantine", "1s", Duration.ofSeconds(1)),
          new Mapped("dax.drain-timeout", "2s", Duration.ofSeconds(2)),
          new Mapped("dax.transfer-timeout", "3s", Duration.ofSeconds(3)),
          new Mapped(
              "dax.allowed-device-paths", "/mnt/*,/dev/dax1.*", List.of("/mnt/*", "/dev/dax1.*")),
          new Mapped("dax.admin-token", "t", "t"),
          new Mapped("dax.resp.host", "::1", "::1"),
          new Mapped("dax.resp.port", "7", 7),
          new Mapped("dax.resp.unix-socket", "/run/d.sock", "/run/d.sock"),
          new Mapped("dax.resp.username", "u", "u"),
          new Mapped("dax.resp.password", " p ", " p "),
          new Mapped("dax.resp.share-devices", "true", true),
          new Mapped("dax.resp.max-connections", "8", 8),
          new Mapped("dax.resp.max-arguments", "9", 9),
          new Mapped("dax.resp.max-key-bytes", "10", 10),
          new Mapped("dax.resp.max-bulk-bytes", "11", 11L),
          new Mapped("dax.resp.max-inline-bytes", "12", 12),
          new Mapped("dax.resp.shutdown-grace", "1m", Duration.ofMinutes(1)));
}
