package io.daxtier.resp;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How a connection's current command or transfer gets on. The connection's thread reports; {@link
 * TransferWatch} alone asks {@link #isStalled}. Time spent waiting for a worker does not count: it
 * is not the peer's fault.
 */
final class TransferProgress {

  static final long MIN_BYTES_PER_SECOND = 64 * 1024;

  /** Samples within one time-out. */
  static final int SAMPLES = 8;

  private static final long NONE = Long.MIN_VALUE;

  private final LongSupplier nanoClock;
  private volatile long startedAt = NONE;
  private final AtomicLong movedBytes = new AtomicLong();
  private volatile long waitingSince = NONE;
  private final AtomicLong waitedNanos = new AtomicLong();

  /** The watch's own: clock readings and bytes moved, oldest overwritten first. */
  private final long[] sampledAt = new long[SAMPLES + 1];

  private final long[] sampledBytes = new long[SAMPLES + 1];
  private long sampledStart = NONE;
  private int sampleCount;

  TransferProgress(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A command has begun to arrive. */
  void begin() {
    startedAt = nanoClock.getAsLong();
  }

  /** The command is done; the connection may be idle as long as it likes. */
  void end() {
    startedAt = NONE;
  }

  void moved(long bytes) {
    movedBytes.addAndGet(bytes);
  }

  void beginWaiting() {
    waitingSince = nanoClock.getAsLong();
  }

  void endWaiting() {
    // in this order: the watch must not see that a wait is over and not yet how long it was
    waitedNanos.addAndGet(nanoClock.getAsLong() - waitingSince);
    waitingSince = NONE;
  }

  /**
   * Takes a sample, and says whether fewer than 64 KiB a second have moved over the last {@code
   * windowNanos}. To be called {@link #SAMPLES} times a window by one thread.
   */
  boolean isStalled(long windowNanos) {
    long start = startedAt;
    long moved = movedBytes.get();
    if (start != sampledStart) {
      sampledStart = start;
      sampleCount = 0;
    }
    if (start == NONE) {
      return false;
    }
    long since = waitingSince;
    if (since != NONE) {
      return false;
    }
    long clock = nanoClock.getAsLong() - waitedNanos.get();
    int slot = sampleCount++ % sampledAt.length;
    sampledAt[slot] = clock;
    sampledBytes[slot] = moved;
    double needed = MIN_BYTES_PER_SECOND * (windowNanos / 1e9);
    int known = Math.min(sampleCount, sampledAt.length);
    for (int i = 0; i < known; i++) {
      if (clock - sampledAt[i] >= windowNanos && moved - sampledBytes[i] < needed) {
        return true;
      }
    }
    return false;
  }
}
