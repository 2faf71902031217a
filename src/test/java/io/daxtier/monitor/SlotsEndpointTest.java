package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.fail;
import static io.daxtier.monitor.TierActions.key;
import static io.daxtier.monitor.TierActions.put;
import static io.daxtier.monitor.TierActions.remove;
import static io.daxtier.monitor.TierActions.reserve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.daxtier.device.DaxDevice;
import io.daxtier.eviction.EvictionOptions;
import io.daxtier.eviction.EvictionPolicy;
import io.daxtier.eviction.EvictionService;
import io.daxtier.monitor.SlotsEndpoint.DeviceDescriptor;
import io.daxtier.monitor.SlotsEndpoint.SaltDescriptor;
import io.daxtier.monitor.SlotsEndpoint.TierDescriptor;
import io.daxtier.slot.Borrow;
import io.daxtier.slot.EvictionCounts;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.TestTier;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SlotsEndpointTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private TestTier tier;

  @BeforeEach
  void openTier(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void slots_withNoDevice_areZeroAndUnused() {
    TierDescriptor slots = endpoint(null).slots();

    assertThat(slots.total()).isEqualTo(SlotCounts.NONE);
    assertThat(slots.devices()).isEmpty();
    assertThat(slots.salts()).isEmpty();
    assertThat(slots.objects()).isZero();
    assertThat(slots.slotBytes()).isEqualTo(SLOT_BYTES);
  }

  @Test
  void slots_ofEveryState_areCountedByDeviceAndInTotal() {
    DaxDevice device = tier.addDevice(8);
    put(tier, "plain", 100);
    put(tier, "graced", 200);
    put(tier, "locked", 300);
    put(tier, "borrowed", 400);
    put(tier, "retired", 500);
    tier.store.exists(ObjectKey.of("graced"));
    assertThat(tier.session.lookup(ObjectKey.of("locked"))).isNotNull();
    try (Borrow borrowed = tier.store.borrow(tier.session, ObjectKey.of("borrowed"));
        Borrow retired = tier.store.borrow(tier.session, ObjectKey.of("retired"));
        Reservation reserved = reserve(tier, "reserved", 600)) {
      assertThat(borrowed).isNotNull();
      assertThat(retired).isNotNull();
      assertThat(reserved.length()).isEqualTo(600);
      tier.store.delete(ObjectKey.of("retired"));

      TierDescriptor slots = endpoint(null).slots();

      SlotCounts expected = new SlotCounts(8, 6, 2, 1, 4, 2, 1, 1, 1, 1000, 0.75);
      assertThat(slots.total()).isEqualTo(expected);
      assertThat(slots.devices())
          .containsExactly(
              new DeviceDescriptor(
                  device.id(), device.path().toString(), "active", true, 8 * SLOT_BYTES, expected));
      assertThat(slots.objects()).isEqualTo(4);
    }
    assertThat(endpoint(null).slots().total().used()).isEqualTo(4);
  }

  @Test
  void slots_ofTwoDevices_addUp() {
    tier.addDevice(3);
    tier.addDevice(5);
    IntStream.range(0, 6).forEach(i -> put(tier, "k" + i, 10));

    TierDescriptor slots = endpoint(null).slots();

    assertThat(slots.total().slots()).isEqualTo(8);
    assertThat(slots.total().used()).isEqualTo(6);
    assertThat(slots.total().usage()).isCloseTo(0.75, within(1e-9));
    assertThat(slots.devices()).extracting(d -> d.counts().slots()).containsExactly(3L, 5L);
    assertThat(slots.devices().stream().mapToLong(d -> d.counts().used()).sum()).isEqualTo(6);
  }

  @Test
  void slots_afterDeviceFailed_listItButDoNotCountIt() {
    DaxDevice failed = tier.addDevice(4);
    tier.addDevice(4);
    put(tier, "k1", 10);
    put(tier, "k2", 10);
    fail(tier, failed);

    TierDescriptor slots = endpoint(null).slots();

    assertThat(slots.devices())
        .extracting(DeviceDescriptor::state)
        .containsExactly("failed", "active");
    assertThat(slots.devices()).extracting(DeviceDescriptor::usable).containsExactly(false, true);
    assertThat(slots.total().slots()).isEqualTo(4);
    assertThat(slots.total().committed()).isEqualTo(1);
    assertThat(slots.objects()).isEqualTo(1);
  }

  @Test
  void device_addedAndRemoved_isFoundWhileItIsThere() {
    DaxDevice first = tier.addDevice(4);
    DaxDevice second = tier.addDevice(6);
    SlotsEndpoint endpoint = endpoint(null);

    assertThat(endpoint.device(second.id()))
        .isNotNull()
        .extracting(d -> d.counts().slots())
        .isEqualTo(6L);
    assertThat(endpoint.device(99)).isNull();

    remove(tier, second);

    assertThat(endpoint.device(second.id())).isNull();
    assertThat(endpoint.device(first.id())).isNotNull();
    assertThat(endpoint.slots().devices()).hasSize(1);
  }

  @Test
  void salts_areListedLargestFirstUpToTheLimit() {
    tier.addDevice(400);
    IntStream.range(0, SlotsEndpoint.MAX_SALTS + 10).forEach(i -> put(tier, key(i, "s" + i), 10));
    put(tier, key(1000, "big"), 30);
    put(tier, key(1001, "big"), 40);
    put(tier, "no salt", 1);
    put(tier, "none either", 1);
    put(tier, "nor here", 1);

    TierDescriptor slots = endpoint(null).slots();

    assertThat(slots.salts()).hasSize(SlotsEndpoint.MAX_SALTS);
    assertThat(slots.salts())
        .startsWith(new SaltDescriptor("", 3, 3, 3), new SaltDescriptor("big", 2, 2, 70));
  }

  @Test
  void eviction_withNoPolicy_isEmpty() {
    assertThat(endpoint(null).slots().eviction())
        .isEqualTo(
            new SlotsEndpoint.EvictionDescriptor(
                null, null, null, null, 0, new EvictionCounts(0, 0, 0, 0)));
  }

  @Test
  void eviction_afterItRan_tellsWhenAndHowMuch() {
    tier.addDevice(10);
    EvictionOptions options = new EvictionOptions(EvictionPolicy.LRU, 0.5, 0.2);
    EvictionService eviction = new EvictionService(tier.store, options, InstantSource.fixed(NOW));
    IntStream.range(0, 10).forEach(i -> put(tier, "k" + i, 10));
    put(tier, "one more than fits", 10);
    eviction.tick();

    assertThat(new SlotsEndpoint(tier.store, eviction).slots().eviction())
        .isEqualTo(
            new SlotsEndpoint.EvictionDescriptor(
                "LRU", 0.5, 0.2, NOW, 2, new EvictionCounts(2, 1, 0, 0)));
  }

  @Test
  void json_ofDevice_hasItsCountsBesideItsName() {
    DaxDevice device = tier.addDevice(4);
    put(tier, "k", 10);

    JsonNode json = JsonMapper.shared().valueToTree(endpoint(null).device(device.id()));

    assertThat(json.propertyNames())
        .containsExactlyInAnyOrder(
            "deviceId",
            "devicePath",
            "state",
            "usable",
            "sizeBytes",
            "slots",
            "used",
            "free",
            "reserved",
            "committed",
            "borrowed",
            "locked",
            "graced",
            "retired",
            "payloadBytes",
            "usage");
    assertThat(json.get("usage").doubleValue()).isEqualTo(0.25);
  }

  @Test
  void json_ofEvictionWithNoPolicy_leavesOutWhatThereIsNot() {
    JsonNode json = JsonMapper.shared().valueToTree(endpoint(null).slots().eviction());

    assertThat(json.propertyNames()).containsExactlyInAnyOrder("lastEvicted", "evicted");
  }

  private SlotsEndpoint endpoint(@Nullable EvictionOptions options) {
    return new SlotsEndpoint(
        tier.store, new EvictionService(tier.store, options, InstantSource.fixed(NOW)));
  }
}
