package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TransferProgressTest {

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(8);
  private static final long TICK_NANOS = WINDOW_NANOS / TransferProgress.SAMPLES;
  private static final long RATE = TransferProgress.MIN_BYTES_PER_SECOND;

  private final AtomicLong clock = new AtomicLong(-5_000_000_000L);
  private final TransferProgress progress = new TransferProgress(this::now);
  private Runnable meanwhile = () -> {};

  @Test
  void idle_isNeverStalled() {
    progress.begin();
    progress.end();
    assertThat(stalledAfter(100)).isEqualTo(-1);
  }

  @Test
  void nothingMoves_isStalledAfterTheWindow() {
    progress.begin();
    assertThat(stalledAfter(20)).isEqualTo(TransferProgress.SAMPLES);
  }

  @Test
  void tooSlow_isStalledAfterTheWindow() {
    progress.begin();
    assertThat(stalledAfter(20, RATE - 1)).isEqualTo(TransferProgress.SAMPLES);
  }

  @Test
  void fastEnough_isNeverStalled() {
    progress.begin();
    assertThat(stalledAfter(100, RATE)).isEqualTo(-1);
  }

  @Test
  void fastThenStalled_isStalledOneWindowLater() {
    progress.begin();
    assertThat(stalledAfter(3, 1 << 30)).isEqualTo(-1);
    assertThat(stalledAfter(20)).isEqualTo(TransferProgress.SAMPLES);
  }

  @Test
  void anotherCommand_beginsAnew() {
    for (int i = 0; i < 20; i++) {
      clock.addAndGet(1);
      progress.begin();
      assertThat(stalledAfter(TransferProgress.SAMPLES - 1)).isEqualTo(-1);
      progress.end();
    }
  }

  @Test
  void waitingForAWorker_isNotThePeersFault() {
    progress.begin();
    progress.beginWaiting();
    assertThat(stalledAfter(50)).isEqualTo(-1);
    progress.endWaiting();
    assertThat(stalledAfter(20)).isEqualTo(TransferProgress.SAMPLES);
  }

  @Test
  void sampleWhileAWaitEnds_isNotThePeersFault() {
    progress.begin();
    assertThat(progress.isStalled(WINDOW_NANOS)).isFalse();
    progress.beginWaiting();
    clock.addAndGet(2 * WINDOW_NANOS);
    AtomicBoolean stalled = new AtomicBoolean();
    meanwhile = () -> stalled.set(progress.isStalled(WINDOW_NANOS));
    progress.endWaiting();
    assertThat(stalled).isFalse();
  }

  @Test
  void waitingAgainAndAgain_doesNotHideAPeerThatTrickles() {
    progress.begin();
    int ticks = 0;
    while (!progress.isStalled(WINDOW_NANOS)) {
      assertThat(++ticks).isLessThan(30);
      clock.addAndGet(TICK_NANOS);
      progress.moved(1);
      progress.beginWaiting();
      clock.addAndGet(5 * TICK_NANOS);
      progress.endWaiting();
    }
    assertThat(ticks).isEqualTo(TransferProgress.SAMPLES);
  }

  /** What another thread does while this one looks at the clock, once. */
  private long now() {
    Runnable once = meanwhile;
    meanwhile = () -> {};
    once.run();
    return clock.get();
  }

  private int stalledAfter(int ticks) {
    return stalledAfter(ticks, 0);
  }

  /** The tick at which it is found stalled, -1 if it is not within so many. */
  private int stalledAfter(int ticks, long bytesPerSecond) {
    for (int tick = 0; tick <= ticks; tick++) {
      if (progress.isStalled(WINDOW_NANOS)) {
        return tick;
      }
      clock.addAndGet(TICK_NANOS);
      progress.moved(bytesPerSecond * TICK_NANOS / 1_000_000_000L);
    }
    return -1;
  }
}
