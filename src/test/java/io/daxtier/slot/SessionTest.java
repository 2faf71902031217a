package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.daxtier.device.DeviceState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {

  private static final ObjectKey KEY = ObjectKey.of("k");

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  private TestTier tier;

  @SuppressWarnings("NullAway.Init")
  private Session session;

  @BeforeEach
  void start() {
    tier = new TestTier(folder, 64, true, 2);
    session = tier.session("peer");
  }

  @AfterEach
  void close() {
    tier.close();
  }

  @Test
  void reserveWriteCommit_storesWhatWasWritten() {
    Grant grant = reserve(session, "k", 5);
    tier.write(grant, "hello");
    assertThat(session.lookup(KEY)).isNull();
    assertThat(session.commit(List.of(grant.token()))).containsExactly(true);
    assertThat(session.commit(List.of(grant.token()))).containsExactly(false);
    Grant found = lookup(session, KEY);
    assertThat(tier.read(found)).isEqualTo("hello");
    assertThat(found.offset()).isEqualTo(grant.offset());
    assertThat(session.reserve(KEY, 5)).isEqualTo(GrantRefusal.EXISTS);
  }

  @Test
  void commit_ofTheSameKeyByTwoSessions_keepsTheFirst() {
    Session other = tier.session("other");
    Grant first = reserve(session, "k", 1);
    Grant second = reserve(other, "k", 1);
    tier.write(first, "1");
    tier.write(second, "2");
    assertThat(session.commit(List.of(first.token()))).containsExactly(true);
    assertThat(other.commit(List.of(second.token()))).containsExactly(true);
    assertThat(tier.get("k")).isEqualTo("1");
    assertThat(tier.store.usage().used()).isEqualTo(1);
  }

  @Test
  void lookup_ofMoreThanASessionMayHold_isAMiss() {
    tier.put("k", "1");
    for (int i = 0; i < Sessions.MAX_LEASES_OF_ONE; i++) {
      lookup(session, KEY);
    }
    assertThat(session.lookup(KEY)).isNull();
    assertThat(session.reserve(ObjectKey.of("n"), 1)).isEqualTo(GrantRefusal.NO_ROOM);
    assertThat(tier.session("other").lookup(KEY)).isNotNull();
  }

  @Test
  void lookup_ofMoreThanTheHeapHolds_isAMissUntilOneIsGivenBack() {
    tier.put("k", "1");
    Sessions sessions = new Sessions(tier.store.metadata(), 4L * 2 * Sessions.HEAP_BYTES_PER_LEASE);
    Session first = sessions.open("first", OptionalLong.empty(), () -> {});
    Session second = sessions.open("second", OptionalLong.empty(), () -> {});
    Grant lock = lookup(first, KEY);
    lookup(second, KEY);
    assertThat(first.lookup(KEY)).isNull();
    assertThat(second.reserve(ObjectKey.of("n"), 1)).isEqualTo(GrantRefusal.NO_ROOM);
    first.unlock(List.of(lock.token()));
    assertThat(second.lookup(KEY)).isNotNull();
    first.close();
    second.close();
  }

  @Test
  void sweep_ofMoreThanABatch_endsAllThatAreOverdue() {
    tier.put("k", "1");
    for (int i = 0; i <= 2 * SlotStore.BATCH; i++) {
      lookup(session, KEY);
    }
    tier.pass(TestTier.LOCK_TIMEOUT);
    lookup(session, KEY);
    tier.store.sweepLeases();
    assertThat(tier.store.locks().locks()).isOne();
  }

  @Test
  void tokens_areGoodOnceAndForTheirSessionAndPurpose() {
    Session other = tier.session("other");
    Grant reserved = reserve(session, "k", 1);
    assertThat(other.commit(List.of(reserved.token()))).containsExactly(false);
    assertThat(other.abort(reserved.token())).isFalse();
    assertThat(session.unlock(List.of(reserved.token()))).containsExactly(false);
    assertThat(session.renew(reserved.token())).isTrue();
    assertThat(session.commit(List.of(reserved.token()))).containsExactly(true);
    Grant locked = lookup(session, KEY);
    assertThat(session.commit(List.of(locked.token()))).containsExactly(false);
    assertThat(session.abort(locked.token())).isFalse();
    assertThat(other.unlock(List.of(locked.token()))).containsExactly(false);
    assertThat(session.unlock(List.of("rubbish", "", locked.token(), locked.token())))
        .containsExactly(false, false, true, false);
    assertThat(session.renew(locked.token())).isFalse();
  }

  @Test
  void lock_isCountedBySession_andPinsTheBytes() {
    Session other = tier.session("other");
    tier.put("k", "v");
    Grant mine = lookup(session, KEY);
    Grant again = lookup(session, KEY);
    Grant theirs = lookup(other, KEY);
    assertThat(mine.token()).isNotEqualTo(again.token());
    assertThat(other.unlock(List.of(theirs.token()))).containsExactly(true);
    assertThat(session.unlock(List.of(again.token()))).containsExactly(true);
    assertThat(tier.store.deleteUnlocked(KEY)).isFalse();
    tier.put("k", "w");
    assertThat(tier.read(mine)).isEqualTo("v");
    assertThat(tier.put("b", "x")).as("one slot locked, the other demand-evicted").isTrue();
    assertThat(tier.read(mine)).isEqualTo("v");
    assertThat(session.unlock(List.of(mine.token()))).containsExactly(true);
    assertThat(tier.store.usage().locked()).isZero();
  }

  @Test
  void close_givesEverythingBack() {
    tier.put("k", "v");
    lookup(session, KEY);
    Grant grant = reserve(session, "new", 1);
    session.close();
    session.close();
    assertThat(session.commit(List.of(grant.token()))).containsExactly(false);
    SlotStoreInvariants.checkIdle(tier.store);
    assertThat(session.lookup(KEY)).isNull();
    assertThat(session.reserve(ObjectKey.of("x"), 1)).isEqualTo(GrantRefusal.NO_ROOM);
  }

  @Test
  void lockTimeout_losesALock_renewKeepsIt() {
    tier.put("k", "v");
    Grant lost = lookup(session, KEY);
    Grant kept = lookup(session, KEY);
    tier.pass(TestTier.LOCK_TIMEOUT.minusSeconds(1));
    assertThat(session.renew(kept.token())).isTrue();
    tier.pass(Duration.ofSeconds(1));
    assertThat(session.unlock(List.of(lost.token(), kept.token()))).containsExactly(false, true);
    Grant swept = lookup(session, KEY);
    tier.pass(TestTier.LOCK_TIMEOUT);
    tier.store.sweepLeases();
    assertThat(tier.store.locks().locks()).isZero();
    assertThat(session.unlock(List.of(swept.token()))).containsExactly(false);
  }

  @Test
  void expiredReservation_keepsItsSlotUntilGivenBack() {
    Grant grant = reserve(session, "k", 1);
    tier.pass(TestTier.LOCK_TIMEOUT);
    tier.store.sweepLeases();
    assertThat(session.commit(List.of(grant.token()))).containsExactly(false);
    assertThat(session.renew(grant.token())).isFalse();
    assertThat(tier.put("a", "1")).isTrue();
    assertThat(tier.put("b", "1")).as("only the other slot is used").isTrue();
    assertThat(tier.store.usage().reserved()).isEqualTo(1);
    tier.write(grant, "!");
    assertThat(tier.get("b")).isEqualTo("1");
    assertThat(session.abort(grant.token())).isTrue();
    assertThat(session.abort(grant.token())).isFalse();
    assertThat(tier.store.usage().reserved()).isZero();
  }

  @Test
  void endSession_quarantinesItsReservationsAndDisconnects() {
    AtomicInteger disconnected = new AtomicInteger();
    Session ended =
        tier.store.openSession("x", OptionalLong.empty(), disconnected::incrementAndGet);
    tier.put("k", "v");
    Grant lock = lookup(ended, KEY);
    Grant grant = reserve(ended, "new", 1);
    assertThat(tier.store.sessions()).hasSize(1);
    assertThat(tier.store.endSession(ended.id())).isTrue();
    assertThat(tier.store.endSession(ended.id())).isFalse();
    assertThat(disconnected).hasValue(1);
    ended.close();
    assertThat(ended.unlock(List.of(lock.token()))).containsExactly(false);
    assertThat(ended.abort(grant.token())).isFalse();
    assertThat(tier.store.usage().reserved()).isEqualTo(1);
    assertThat(tier.store.quarantined(tier.device(0).identity())).hasValue(TestTier.QUARANTINE);
    tier.pass(TestTier.QUARANTINE);
    tier.store.sweepLeases();
    assertThat(tier.store.usage().reserved()).isZero();
    assertThat(tier.store.quarantined(tier.device(0).identity())).isEmpty();
  }

  @Test
  void endSession_ofAProcessThatIsGone_isFreeAtTheNextSweep() throws Exception {
    Process client = new ProcessBuilder("cat").start();
    Session ended = tier.store.openSession("x", OptionalLong.of(client.pid()), () -> {});
    reserve(ended, "new", 1);
    tier.store.endSession(ended.id());
    tier.store.sweepLeases();
    assertThat(tier.store.usage().reserved()).isEqualTo(1);
    client.destroyForcibly().waitFor();
    tier.store.sweepLeases();
    assertThat(tier.store.usage().reserved()).isZero();
  }

  @Test
  void forcedRemoval_leavesOnlyQuarantine() throws Exception {
    tier.put("k", "v");
    Grant lock = lookup(session, KEY);
    reserve(session, "new", 1);
    DeviceSlots slots = tier.slots(0);
    assertThat(slots.holders(0)).extracting(SessionSnapshot::id).containsExactly(session.id());
    assertThat(slots.awaitIdle(0, Duration.ZERO)).isFalse();
    assertThat(slots.evict(0)).isZero();
    assertThat(slots.dropLocks(0)).isEqualTo(1);
    assertThat(session.unlock(List.of(lock.token()))).containsExactly(false);
    assertThat(slots.evict(0)).isEqualTo(1);
    slots.disconnectTransfers(0);
    assertThat(slots.awaitIdle(0, Duration.ZERO)).isTrue();
    tier.device(0).move(DeviceState.ACTIVE, DeviceState.REMOVING);
    slots.detach();
    assertThat(tier.store.quarantined(tier.device(0).identity())).isPresent();
  }

  @Test
  void reserve_lengthOutOfRange_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.reserve(KEY, 65))
        .withMessageContaining("65");
    assertThatIllegalArgumentException().isThrownBy(() -> session.reserve(KEY, -1));
  }

  @Test
  void locks_tellsAgeOfTheOldest() {
    tier.put("k", "v");
    lookup(session, KEY);
    tier.pass(Duration.ofSeconds(7));
    reserve(session, "new", 1);
    assertThat(tier.store.locks()).isEqualTo(new LockUsage(1, 1, Duration.ofSeconds(7)));
    assertThat(tier.store.sessions())
        .containsExactly(new SessionSnapshot(session.id(), "peer", 1, 1, Duration.ofSeconds(7)));
  }

  @Test
  void commit_ofABatch_makesItsFirstTheNewest() {
    Grant head = reserve(session, "head", 1);
    Grant tail = reserve(session, "tail", 1);
    assertThat(session.commit(List.of(head.token(), "rubbish", tail.token(), head.token())))
        .containsExactly(true, false, true, false);
    assertThat(tier.put("other", "x")).isTrue();
    assertThat(tier.get("tail")).as("the tail goes first").isNull();
    assertThat(session.lookup(ObjectKey.of("head"))).isNotNull();
  }

  @Test
  void stored_batch_makesItsFirstTheNewest() {
    tier.put("tail", "1");
    tier.put("head", "1");
    session.stored(List.of(ObjectKey.of("none"), ObjectKey.of("tail"), ObjectKey.of("head")));
    assertThat(tier.put("other", "x")).isTrue();
    assertThat(tier.get("head")).as("it stood last").isNull();
  }

  private static Grant reserve(Session session, String key, long length) {
    return (Grant) session.reserve(ObjectKey.of(key), length);
  }

  private static Grant lookup(Session session, ObjectKey key) {
    return Objects.requireNonNull(session.lookup(key));
  }
}
