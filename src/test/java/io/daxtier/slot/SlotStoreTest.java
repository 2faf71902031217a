package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.daxtier.device.DeviceState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotStoreTest {

  private static final int SLOT_BYTES = 64;

  @TempDir Path folder;
  private @Nullable TestTier tier;

  @AfterEach
  void close() {
    tier().close();
  }

  @Test
  void commit_publishesAtOnce_closeBeforeItNever() {
    start(false, 2);
    try (Reservation reservation = reserve("k", 5)) {
      reservation.buffer(0, 5).put("hello".getBytes(StandardCharsets.UTF_8));
      assertThat(tier().get("k")).isNull();
      assertThat(tier().store.usage().reserved()).isEqualTo(1);
    }
    assertThat(tier().get("k")).isNull();
    assertThat(tier().store.usage().free()).isEqualTo(2);
    assertThat(tier().put("k", "hello")).isTrue();
    assertThat(tier().get("k")).isEqualTo("hello");
    assertThat(tier().store.lastStoredLength()).hasValue(5);
  }

  @Test
  void reserve_limits() {
    start(false, 1);
    assertThat(tier().put("empty", "")).isTrue();
    assertThat(tier().get("empty")).isEmpty();
    tier().store.delete(ObjectKey.of("empty"));
    assertThat(tier().put("full", "x".repeat(SLOT_BYTES))).isTrue();
    assertThat(tier().store.reserve(tier().session, ObjectKey.of("long"), SLOT_BYTES + 1))
        .isEqualTo(ReserveRefusal.TOO_LARGE);
    assertThat(tier().store.reserve(tier().session, ObjectKey.of("more"), 1))
        .isEqualTo(ReserveRefusal.NO_ROOM);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tier().store.reserve(tier().session, ObjectKey.of("k"), -1))
        .withMessageContaining("-1");
  }

  @Test
  void commit_modes() {
    start(false, 4);
    tier().put("k", "old");
    assertThat(commit("k", "new", StoreMode.KEEP_EXISTING)).isEqualTo(CommitResult.KEPT);
    assertThat(commit("k", "new", StoreMode.IF_ABSENT)).isEqualTo(CommitResult.CONDITION_FAILED);
    assertThat(tier().get("k")).isEqualTo("old");
    assertThat(commit("none", "new", StoreMode.IF_PRESENT))
        .isEqualTo(CommitResult.CONDITION_FAILED);
    assertThat(commit("k", "new", StoreMode.IF_PRESENT)).isEqualTo(CommitResult.STORED);
    assertThat(tier().get("k")).isEqualTo("new");
    assertThat(commit("other", "x", StoreMode.IF_ABSENT)).isEqualTo(CommitResult.STORED);
    assertThat(tier().store.usage().used()).isEqualTo(2);
  }

  @Test
  void borrow_keepsOldBytesThroughReplaceAndDelete() {
    start(false, 2);
    tier().put("k", "old");
    Borrow borrow = borrow("k");
    tier().put("k", "new");
    tier().store.delete(ObjectKey.of("k"));
    assertThat(text(borrow)).isEqualTo("old");
    assertThat(tier().store.usage().retired()).isEqualTo(1);
    assertThat(tier().store.usage().free()).isEqualTo(1);
    borrow.close();
    borrow.close();
    assertThat(tier().store.usage().free()).isEqualTo(2);
  }

  @Test
  void replace_inAFullTier_isRefusedAndKeepsTheOld() {
    start(false, 1);
    tier().put("k", "old");
    assertThat(tier().put("k", "new")).isFalse();
    assertThat(tier().get("k")).isEqualTo("old");
  }

  @Test
  void demand_evictsTheOldest_neverTheReplacedOrGracedOrBorrowed() {
    start(true, 3);
    tier().put("a", "1");
    tier().put("b", "2");
    tier().put("c", "3");
    assertThat(tier().store.exists(ObjectKey.of("a"))).isTrue();
    assertThat(tier().put("d", "4")).isTrue();
    assertThat(tier().get("b")).isNull();
    assertThat(tier().get("a")).isEqualTo("1");
    try (Borrow borrow = borrow("c")) {
      assertThat(tier().put("d", "5")).isTrue();
      assertThat(borrow.length()).isEqualTo(1);
    }
    assertThat(tier().get("a")).isNull();
    assertThat(tier().get("d")).isEqualTo("5");
    assertThat(tier().store.usage().evictions().demand()).isEqualTo(2);
  }

  @Test
  void demand_whenAllIsGraced_failsUntilTheGraceIsOver() {
    start(true, 1);
    tier().put("a", "1");
    tier().store.exists(ObjectKey.of("a"));
    assertThat(tier().put("b", "2")).isFalse();
    tier().pass(TestTier.GRACE);
    assertThat(tier().put("b", "2")).isTrue();
  }

  @Test
  void loaded_endsTheGraceAndRefreshesLastToFirst() {
    start(false, 3);
    tier().put("head", "1");
    tier().put("tail", "2");
    tier().put("other", "3");
    tier().store.exists(ObjectKey.of("head"));
    try (Borrow head = borrow("head");
        Borrow tail = borrow("tail")) {
      tier().store.loaded(List.of(head, tail));
    }
    assertThat(tier().store.evictOldest(2)).isEqualTo(2);
    assertThat(tier().get("head")).isEqualTo("1");
    assertThat(tier().store.evictOldest(5)).isEqualTo(1);
  }

  @Test
  void evictOldest_passesOverLockedAndGraced() {
    start(false, 4);
    for (String key : List.of("a", "b", "c", "d")) {
      tier().put(key, key);
    }
    Grant lock = Objects.requireNonNull(tier().session.lookup(ObjectKey.of("a")));
    tier().store.exists(ObjectKey.of("b"));
    assertThat(tier().store.evictOldest(3)).isEqualTo(2);
    assertThat(tier().get("a")).isEqualTo("a");
    assertThat(tier().get("b")).isEqualTo("b");
    assertThat(tier().session.unlock(List.of(lock.token()))).containsExactly(true);
  }

  @Test
  void evictOldest_goesOnWhereItWasWhateverIsLoadedBetweenItsBatches() {
    int graced = 2 * SlotStore.BATCH;
    start(false, graced + 10);
    putGraced(graced);
    for (int i = 0; i < 10; i++) {
      tier().put("plain" + i, "v");
    }
    Runnable betweenTheBatches =
        () -> {
          assertThat(tier().get("graced" + (SlotStore.BATCH - 1))).isEqualTo("v");
          tier().store.delete(ObjectKey.of("graced" + (SlotStore.BATCH - 2)));
        };
    tier().atNextLook(2, betweenTheBatches);

    assertThat(tier().store.evictOldest(10)).isEqualTo(10);

    assertThat(tier().get("plain9")).isNull();
    assertThat(tier().store.objectCount()).isEqualTo(graced - 1);
  }

  @Test
  void demand_behindManyGraced_letsOthersInBetween() {
    int graced = 3 * SlotStore.BATCH;
    start(true, graced + 1);
    putGraced(graced);
    tier().put("plain", "v");
    List<Boolean> looks = new ArrayList<>();
    tier().atNextLook(3, () -> looks.add(true));

    assertThat(tier().put("new", "v")).isTrue();

    assertThat(looks).as("the lock was taken for a third batch").hasSize(1);
    assertThat(tier().get("plain")).isNull();
    assertThat(tier().get("new")).isEqualTo("v");
    tier().store.exists(ObjectKey.of("new"));
    assertThat(tier().put("newer", "v")).as("everything left is graced").isFalse();
    assertThat(tier().session.reserve(ObjectKey.of("newer"), 1)).isEqualTo(GrantRefusal.NO_ROOM);
  }

  private void putGraced(int count) {
    for (int i = 0; i < count; i++) {
      tier().put("graced" + i, "v");
      tier().store.exists(ObjectKey.of("graced" + i));
    }
  }

  @Test
  void expiry_isAMissAtOnceAndFreedByHousekeeping() {
    start(false, 2);
    tier().put("k", "v", Duration.ofSeconds(5));
    ObjectKey key = ObjectKey.of("k");
    assertThat(tier().store.expiry().remainingMillis(key)).isEqualTo(5000);
    assertThat(tier().store.expiry().persist(key)).isTrue();
    assertThat(tier().store.expiry().persist(key)).isFalse();
    assertThat(tier().store.expiry().remainingMillis(key)).isEqualTo(-1);
    assertThat(tier().store.expiry().expireAfter(key, Duration.ofSeconds(1))).isTrue();
    tier().pass(Duration.ofSeconds(1));
    assertThat(tier().store.length(key)).isEqualTo(-1);
    assertThat(tier().store.expiry().remainingMillis(key)).isEqualTo(-2);
    tier().put("other", "v", Duration.ofSeconds(1));
    tier().pass(Duration.ofSeconds(1));
    assertThat(tier().store.usage().used()).isEqualTo(1);
    assertThat(tier().store.expiry().expireDue()).isEqualTo(1);
    assertThat(tier().store.usage().used()).isZero();
    assertThat(tier().store.usage().evictions().expired()).isEqualTo(2);
    assertThat(tier().store.expiry().expireAfter(key, Duration.ofSeconds(1))).isFalse();
  }

  @Test
  void expireAfter_notInTheFuture_deletes() {
    start(false, 1);
    tier().put("k", "v");
    assertThat(tier().store.expiry().expireAfter(ObjectKey.of("k"), Duration.ZERO)).isTrue();
    assertThat(tier().store.objectCount()).isZero();
  }

  @Test
  void promisedLength_isKeptOfWhatExistsPromisedUntilAskedAgain() {
    start(false, 4);
    ObjectKey key = ObjectKey.of("k");
    tier().put("k", "12345");
    tier().store.delete(key);
    assertThat(tier().store.promisedLength(key)).isEmpty();
    tier().put("k", "12345");
    tier().store.exists(key);
    tier().put("k", "123");
    assertThat(tier().store.promisedLength(key)).hasValue(5);
    tier().store.exists(key);
    assertThat(tier().store.promisedLength(key)).isEmpty();
    tier().store.flush();
    assertThat(tier().store.promisedLength(key)).hasValue(3);
    tier().pass(Duration.ofMinutes(10));
    assertThat(tier().store.promisedLength(key)).isEmpty();
  }

  @Test
  void promisedLength_isKeptForOthersAfterALoad() {
    start(true, 2);
    ObjectKey key = ObjectKey.of("k");
    tier().put("k", "12345");
    tier().store.exists(key);
    assertThat(tier().get("k")).isEqualTo("12345");
    assertThat(tier().slots(0).usage().graced()).isZero();
    tier().put("a", "1");
    tier().put("b", "1");
    assertThat(tier().get("k")).as("evicted, its grace was over").isNull();
    assertThat(tier().store.promisedLength(key)).hasValue(5);
  }

  @Test
  void placement_isTheLeastUsedActiveDevice() {
    start(false, 2, 4);
    tier().put("a", "1");
    tier().put("b", "2");
    tier().put("c", "3");
    assertThat(tier().slots(0).usage().committed()).isEqualTo(1);
    assertThat(tier().slots(1).usage().committed()).isEqualTo(2);
    tier().device(1).move(DeviceState.ACTIVE, DeviceState.DRAINING);
    assertThat(tier().put("d", "4")).isTrue();
    assertThat(tier().put("e", "5")).isFalse();
    assertThat(tier().get("c")).isEqualTo("3");
  }

  @Test
  void fault_failsThatDeviceAlone() {
    start(false, 2, 2);
    for (String key : List.of("a", "b", "c")) {
      tier().put(key, key);
    }
    Grant lock = Objects.requireNonNull(tier().session.lookup(ObjectKey.of("a")));
    Reservation open = reserve("new", 1);
    tier().loseBytes(0, 0);
    tier().store.fault(tier().device(0), new IllegalStateException("page lost"));
    assertThat(tier().device(0).state()).isEqualTo(DeviceState.FAILED);
    assertThat(tier().get("a")).isNull();
    assertThat(tier().get("b")).isEqualTo("b");
    assertThat(tier().session.unlock(List.of(lock.token()))).containsExactly(false);
    assertThat(tier().store.usage().slots()).isEqualTo(2);
    assertThat(tier().put("a", "again")).isEqualTo(open.device() == tier().device(0));
    open.close();
    assertThat(tier().slots(0).usage().used()).isZero();
  }

  @Test
  void scan_meetsEveryKeyOnce() {
    start(false, 100);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tier().put("k" + i, "v");
      keys.add("k" + i);
    }
    List<String> met = new ArrayList<>();
    long cursor = 0;
    do {
      cursor = tier().store.scan(cursor, 7, key -> met.add(key.toString()));
    } while (cursor != 0);
    assertThat(met).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(tier().store.flush()).isEqualTo(100);
    assertThat(tier().store.scan(0, 10, key -> met.add(key.toString()))).isZero();
    assertThat(met).hasSize(100);
  }

  @Test
  void flush_whileObjectsAreLoadedAndStored_deletesWhatWasThere() {
    int count = SlotStore.BATCH + 2;
    start(false, count + 1);
    List<Borrow> reading = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tier().put("old" + i, "v");
      reading.add(borrow("old" + i));
    }
    Runnable betweenTheBatches =
        () -> {
          assertThat(tier().put("new", "v")).isTrue();
          tier().store.loaded(reading);
        };
    tier().atNextLook(2, betweenTheBatches);

    assertThat(tier().store.flush()).isEqualTo(count);

    assertThat(tier().get("new")).isEqualTo("v");
    assertThat(tier().store.objectCount()).isEqualTo(1);
    reading.forEach(Borrow::close);
  }

  private void start(boolean evictOnDemand, int... slotsPerDevice) {
    tier = new TestTier(folder, SLOT_BYTES, evictOnDemand, slotsPerDevice);
  }

  private TestTier tier() {
    return Objects.requireNonNull(tier);
  }

  private Reservation reserve(String key, int length) {
    return (Reservation) tier().store.reserve(tier().session, ObjectKey.of(key), length);
  }

  private Borrow borrow(String key) {
    return Objects.requireNonNull(tier().store.borrow(tier().session, ObjectKey.of(key)));
  }

  private CommitResult commit(String key, String value, StoreMode mode) {
    try (Reservation reservation = reserve(key, value.length())) {
      reservation.buffer(0, value.length()).put(value.getBytes(StandardCharsets.UTF_8));
      return reservation.commit(mode, null);
    }
  }

  private static String text(Borrow borrow) {
    byte[] bytes = new byte[(int) borrow.length()];
    borrow.buffer(0, bytes.length).get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
