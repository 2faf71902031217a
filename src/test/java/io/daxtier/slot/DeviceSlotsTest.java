package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.daxtier.device.DeviceState;
import io.daxtier.slot.MoveResult.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceSlotsTest {

  private static final int SLOT_BYTES = 64;

  @TempDir Path folder;
  private @Nullable TestTier tier;

  @AfterEach
  void close() {
    tier().close();
  }

  @Test
  void move_keepsBytesExpiryGraceAndRecency() {
    start(false, 2);
    tier().put("old", "1", Duration.ofSeconds(5));
    tier().put("new", "2");
    tier().addDevice(2);
    drain(0);
    tier().store.exists(ObjectKey.of("old"));
    assertThat(moveAll(0)).containsOnly(new MoveResult(Outcome.MOVED, 1));
    assertThat(tier().slots(0).usage().free()).isEqualTo(2);
    assertThat(tier().slots(1).usage().graced()).isEqualTo(1);
    assertThat(tier().store.expiry().remainingMillis(ObjectKey.of("old"))).isEqualTo(5000);
    assertThat(tier().get("new")).isEqualTo("2");
    tier().pass(Duration.ofSeconds(5));
    assertThat(tier().get("old")).isNull();
  }

  @Test
  void move_whileTheObjectIsRead_leavesTheOldBytesToTheReader() {
    start(false, 1, 1);
    tier().put("k", "v");
    try (Borrow borrow = borrow("k")) {
      drain(0);
      assertThat(tier().slots(0).move(0).outcome()).isEqualTo(Outcome.MOVED);
      assertThat(tier().slots(0).usage().retired()).isEqualTo(1);
      assertThat(borrow.buffer(0, 1).get()).isEqualTo((byte) 'v');
      assertThat(tier().get("k")).isEqualTo("v");
    }
    assertThat(tier().slots(0).usage().free()).isEqualTo(1);
  }

  @Test
  void move_refusals() {
    start(false, 2);
    assertThat(tier().slots(0).move(0)).isEqualTo(MoveResult.of(Outcome.GONE));
    tier().put("a", "1");
    tier().put("b", "2");
    assertThat(tier().slots(0).move(0).outcome()).isEqualTo(Outcome.NO_DESTINATION);
    tier().addDevice(1);
    assertThat(tier().slots(0).move(0).outcome()).isEqualTo(Outcome.MOVED);
    assertThat(tier().slots(0).move(1).outcome()).isEqualTo(Outcome.NO_ROOM);
    Grant lock = Objects.requireNonNull(tier().session.lookup(ObjectKey.of("b")));
    assertThat(tier().slots(0).move(1).outcome()).isEqualTo(Outcome.LOCKED);
    assertThat(tier().session.unlock(List.of(lock.token()))).containsExactly(true);
    assertThat(tier().get("b")).isEqualTo("2");
  }

  @Test
  void move_fromALostPage_failsTheSource() {
    start(false, 1, 1);
    tier().put("k", "v");
    tier().loseBytes(0, 0);
    assertThat(tier().slots(0).move(0).outcome()).isEqualTo(Outcome.SOURCE_FAULT);
    assertThat(tier().device(0).state()).isEqualTo(DeviceState.FAILED);
    assertThat(tier().get("k")).isNull();
    SlotStoreInvariants.checkIdle(tier().store);
  }

  @Test
  void move_toALostPage_failsTheTargetAndKeepsTheObject() {
    start(false, 1, 1);
    tier().put("k", "v");
    tier().loseBytes(1, 0);
    assertThat(tier().slots(0).move(0).outcome()).isEqualTo(Outcome.TARGET_FAULT);
    assertThat(tier().device(1).state()).isEqualTo(DeviceState.FAILED);
    assertThat(tier().get("k")).isEqualTo("v");
    SlotStoreInvariants.checkIdle(tier().store);
  }

  @Test
  void shrink_movesHighSlotsIntoLowOnes() {
    start(false, 4);
    for (String key : List.of("a", "b", "c", "d")) {
      tier().put(key, key);
    }
    tier().store.delete(ObjectKey.of("a"));
    tier().store.delete(ObjectKey.of("c"));
    DeviceSlots slots = tier().slots(0);
    slots.limit(2);
    assertThat(slots.nextObject(2)).isEqualTo(3);
    assertThat(slots.move(3).outcome()).isEqualTo(Outcome.MOVED);
    assertThat(tier().put("e", "e")).as("the part that goes is not given out").isFalse();
    slots.resize(2 * SLOT_BYTES);
    assertThat(tier().store.usage().slots()).isEqualTo(2);
    assertThat(tier().device(0).sizeBytes()).isEqualTo(2 * SLOT_BYTES);
    assertThat(tier().get("d")).isEqualTo("d");
    slots.resize(4 * SLOT_BYTES);
    assertThat(tier().put("e", "e")).isTrue();
    assertThat(tier().put("f", "f")).isTrue();
    assertThat(tier().put("g", "g")).isFalse();
  }

  @Test
  void limit_undone_givesAllSlotsOutAgain() {
    start(false, 4);
    for (String key : List.of("a", "b", "c", "d")) {
      tier().put(key, key);
    }
    DeviceSlots slots = tier().slots(0);
    slots.limit(1);
    tier().store.flush();
    slots.limit(4);
    for (String key : List.of("a", "b", "c", "d")) {
      assertThat(tier().put(key, key)).isTrue();
    }
    assertThatIllegalArgumentException().isThrownBy(() -> slots.limit(5));
  }

  @Test
  void resize_overAnObject_isRefused() {
    start(false, 2);
    tier().put("a", "1");
    tier().put("b", "2");
    assertThatIllegalStateException().isThrownBy(() -> tier().slots(0).resize(SLOT_BYTES));
    assertThat(tier().get("b")).isEqualTo("2");
    assertThatIllegalStateException().isThrownBy(() -> tier().slots(0).detach());
  }

  @Test
  void shrink_overQuarantinedSlots_holdsThemBackUntilItIsOver() {
    start(false, 3);
    Session ended = tier().session("ended");
    List<Grant> grants = new ArrayList<>();
    for (String key : List.of("a", "b", "c")) {
      grants.add((Grant) ended.reserve(ObjectKey.of(key), 1));
    }
    tier().store.endSession(ended.id());
    DeviceSlots slots = tier().slots(0);
    slots.limit(2);
    slots.resize(2 * SLOT_BYTES);
    SlotStoreInvariants.check(tier().store);
    assertThat(tier().store.usage().slots()).isEqualTo(2);
    assertThat(tier().store.usage().reserved()).isEqualTo(2);
    assertThat(slots.quarantined(2 * SLOT_BYTES)).isEmpty();
    assertThat(slots.quarantined(3 * SLOT_BYTES)).hasValue(TestTier.QUARANTINE);
    tier().pass(TestTier.QUARANTINE);
    tier().store.sweepLeases();
    SlotStoreInvariants.checkIdle(tier().store);
    assertThat(slots.quarantined(3 * SLOT_BYTES)).isEmpty();
    slots.resize(3 * SLOT_BYTES);
    for (String key : List.of("a", "b", "c")) {
      assertThat(tier().put(key, key)).isTrue();
    }
    assertThat(grants).extracting(Grant::offset).doesNotHaveDuplicates();
  }

  @Test
  void evict_dropsAllButLocked() {
    start(false, 3);
    tier().put("a", "1");
    tier().put("b", "2");
    tier().put("c", "3");
    Grant lock = Objects.requireNonNull(tier().session.lookup(ObjectKey.of("b")));
    assertThat(tier().slots(0).evict(1)).isEqualTo(1);
    assertThat(tier().get("a")).isEqualTo("1");
    assertThat(tier().slots(0).evict(0)).isEqualTo(1);
    assertThat(tier().slots(0).locked(0)).isEqualTo(1);
    assertThat(tier().store.usage().evictions().operator()).isEqualTo(2);
    assertThat(tier().session.unlock(List.of(lock.token()))).containsExactly(true);
  }

  @Test
  void awaitIdle_endsWithTheLastBorrow() throws Exception {
    start(false, 2);
    tier().put("a", "1");
    tier().put("b", "2");
    DeviceSlots slots = tier().slots(0);
    Borrow borrow = borrow("b");
    assertThat(slots.borrowed(1)).isEqualTo(1);
    assertThat(slots.awaitIdle(1, Duration.ZERO)).isFalse();
    CompletableFuture<Boolean> idle =
        CompletableFuture.supplyAsync(() -> awaitIdle(slots, 1, Duration.ofMinutes(1)));
    borrow.close();
    assertThat(idle.get()).isTrue();
  }

  @Test
  void awaitIdle_ofAPart_doesNotWaitForTheRest() throws Exception {
    start(false, 2);
    tier().put("a", "1");
    tier().put("b", "2");
    try (Borrow borrow = borrow("a")) {
      assertThat(borrow.length()).isEqualTo(1);
      assertThat(tier().slots(0).awaitIdle(1, Duration.ZERO)).isTrue();
      assertThat(tier().slots(0).awaitIdle(0, Duration.ZERO)).isFalse();
    }
  }

  private void start(boolean evictOnDemand, int... slotsPerDevice) {
    tier = new TestTier(folder, SLOT_BYTES, evictOnDemand, slotsPerDevice);
  }

  private TestTier tier() {
    return Objects.requireNonNull(tier);
  }

  private void drain(int index) {
    assertThat(tier().device(index).move(DeviceState.ACTIVE, DeviceState.DRAINING)).isTrue();
  }

  private List<MoveResult> moveAll(int index) {
    DeviceSlots slots = tier().slots(index);
    List<MoveResult> results = new ArrayList<>();
    for (long slot = slots.nextObject(0); slot >= 0; slot = slots.nextObject(slot + 1)) {
      results.add(slots.move(slot));
    }
    return results;
  }

  private Borrow borrow(String key) {
    return Objects.requireNonNull(tier().store.borrow(tier().session, ObjectKey.of(key)));
  }

  private static boolean awaitIdle(DeviceSlots slots, long from, Duration timeout) {
    try {
      return slots.awaitIdle(from, timeout);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
