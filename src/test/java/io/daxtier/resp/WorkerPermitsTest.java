package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.daxtier.resp.WorkerPermits.Turn;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkerPermitsTest {

  private static final long TURN_NANOS = 100;

  private final AtomicLong clock = new AtomicLong();
  private final TransferProgress progress = new TransferProgress(clock::get);

  @Test
  void acquire_withPermitsLeft_doesNotWait() {
    WorkerPermits permits = permits(2);
    permits.acquire(permits.newTurn(progress));
    permits.acquire(permits.newTurn(progress));
    assertThat(permits.waiting()).isZero();
  }

  @Test
  void acquire_twiceWithOneTurn_isRefused() {
    WorkerPermits permits = permits(2);
    Turn turn = permits.newTurn(progress);
    permits.acquire(turn);
    assertThatThrownBy(() -> permits.acquire(turn)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void release_handsOverInOrderOfArrival() throws InterruptedException {
    WorkerPermits permits = permits(1);
    Turn first = permits.newTurn(progress);
    permits.acquire(first);
    List<Integer> order = new CopyOnWriteArrayList<>();
    Thread[] threads = new Thread[5];
    for (int i = 0; i < threads.length; i++) {
      int number = i;
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Turn turn = permits.newTurn(new TransferProgress(clock::get));
                    permits.acquire(turn);
                    order.add(number);
                    permits.release(turn);
                  });
      await().until(() -> permits.waiting() == number + 1);
    }
    permits.release(first);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void acquire_whenTheHoldersTurnIsOver_takesThePermit() {
    WorkerPermits permits = permits(1);
    Turn stuck = permits.newTurn(progress);
    permits.acquire(stuck);
    clock.addAndGet(TURN_NANOS);
    Turn next = permits.newTurn(progress);
    permits.acquire(next); // the stuck holder never returns, and is not waited for
    permits.release(stuck); // changes nothing: it has no permit any more
    assertThat(hasFreePermit(permits)).isFalse();
    permits.release(next);
    assertThat(hasFreePermit(permits)).isTrue();
  }

  @Test
  void acquire_takesFromTheLongestTurnFirst() {
    WorkerPermits permits = permits(2);
    Turn older = permits.newTurn(progress);
    permits.acquire(older);
    clock.addAndGet(TURN_NANOS / 2);
    Turn newer = permits.newTurn(progress);
    permits.acquire(newer);
    clock.addAndGet(TURN_NANOS / 2);
    permits.acquire(permits.newTurn(progress));
    permits.release(newer);
    assertThat(hasFreePermit(permits)).as("the newer turn still had its permit").isTrue();
  }

  @Test
  void begin_ofBriefWork_needsNoPermit() {
    WorkerPermits permits = permits(1);
    permits.begin(permits.newTurn(progress), true);
    assertThat(hasFreePermit(permits)).isTrue();
    Turn turn = permits.newTurn(progress);
    permits.begin(turn, false);
    assertThat(hasFreePermit(permits)).isFalse();
    permits.release(turn);
  }

  @Test
  void keep_ofBriefWorkAfterTheTurn_takesAPermitThatReleaseGivesBack() {
    WorkerPermits permits = permits(1);
    Turn turn = permits.newTurn(progress);
    permits.begin(turn, true);
    clock.addAndGet(TURN_NANOS);
    permits.keep(turn);
    assertThat(hasFreePermit(permits)).isFalse();
    permits.release(turn);
    assertThat(hasFreePermit(permits)).isTrue();
  }

  @Test
  void keep_withinTheTurn_goesOnThoughOthersWait() throws InterruptedException {
    WorkerPermits permits = permits(1);
    Turn holder = permits.newTurn(progress);
    permits.acquire(holder);
    Thread waiter = waiter(permits);
    permits.keep(holder);
    assertThat(permits.waiting()).isOne();
    permits.release(holder);
    waiter.join();
  }

  @Test
  void keep_afterTheTurn_letsAllWhoWaitGoFirst() throws InterruptedException {
    WorkerPermits permits = permits(1);
    Turn holder = permits.newTurn(progress);
    permits.acquire(holder);
    AtomicInteger served = new AtomicInteger();
    CountDownLatch queued = new CountDownLatch(2);
    Thread[] threads = new Thread[2];
    for (int i = 0; i < 2; i++) {
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Turn turn = permits.newTurn(new TransferProgress(clock::get));
                    queued.countDown();
                    permits.acquire(turn);
                    served.incrementAndGet();
                    permits.release(turn);
                  });
    }
    queued.await();
    await().until(() -> permits.waiting() == 2);
    clock.addAndGet(TURN_NANOS);
    permits.keep(holder);
    assertThat(served).hasValue(2);
    permits.release(holder);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void keep_afterTheTurnWithNobodyWaiting_beginsANewTurn() {
    WorkerPermits permits = permits(1);
    Turn holder = permits.newTurn(progress);
    permits.acquire(holder);
    clock.addAndGet(10 * TURN_NANOS);
    permits.keep(holder);
    assertThat(hasFreePermit(permits)).isFalse();
    permits.release(holder);
    assertThat(hasFreePermit(permits)).isTrue();
  }

  @Test
  void acquire_interrupted_waitsOnAndKeepsTheInterrupt() throws InterruptedException {
    WorkerPermits permits = permits(1);
    Turn holder = permits.newTurn(progress);
    permits.acquire(holder);
    CopyOnWriteArrayList<Boolean> interrupted = new CopyOnWriteArrayList<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  permits.acquire(permits.newTurn(new TransferProgress(clock::get)));
                  interrupted.add(Thread.currentThread().isInterrupted());
                });
    await().until(() -> permits.waiting() == 1);
    waiter.interrupt();
    await().until(() -> !waiter.isInterrupted() || permits.waiting() == 1);
    permits.release(holder);
    waiter.join();
    assertThat(interrupted).containsExactly(true);
  }

  private WorkerPermits permits(int count) {
    return new WorkerPermits(count, TURN_NANOS, clock::get);
  }

  private Thread waiter(WorkerPermits permits) {
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  Turn turn = permits.newTurn(new TransferProgress(clock::get));
                  permits.acquire(turn);
                  permits.release(turn);
                });
    await().until(() -> permits.waiting() == 1);
    return waiter;
  }

  /** Takes a permit for a moment if there is one without a turn being over. */
  private boolean hasFreePermit(WorkerPermits permits) {
    Turn turn = permits.newTurn(new TransferProgress(clock::get));
    Thread probe =
        Thread.ofPlatform()
            .start(
                () -> {
                  permits.acquire(turn);
                  permits.release(turn);
                });
    await().until(() -> !probe.isAlive() || permits.waiting() == 1);
    boolean free = permits.waiting() == 0;
    if (!free) {
      clock.addAndGet(TURN_NANOS); // lets the probe have a permit, so that its thread ends
    }
    return free;
  }
}
