package io.daxtier.resp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Bounds how many connections work at the same time, in order of arrival and by turns. A permit is
 * lent for one turn: once that is over, the first who waits may take the permit away, even from a
 * holder that is stuck in a system call, and the holder queues again before its next call. So a
 * stalled peer costs the others one turn, not its whole transfer. Thread-safe; each {@link Turn}
 * belongs to one thread.
 */
final class WorkerPermits {

  static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Values shorter than the shortest KV chunk are brief work. */
  static final int CHUNK_BYTES = 1 << 20;

  /** Lookups of up to as many keys are brief work. */
  static final int BRIEF_KEYS = 64;

  /** One connection's place among the holders or in the queue. Reusable, for one thread. */
  static final class Turn {
    /** When the running turn began. Written by the owner or, while held, under the lock. */
    private volatile long startedAt;

    /** Whether the permit is this turn's. Guarded by the lock. */
    private boolean held;

    private final Condition granted;
    private final TransferProgress progress;

    private Turn(Condition granted, TransferProgress progress) {
      this.granted = granted;
      this.progress = progress;
    }
  }

  private final long turnNanos;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();

  /** Longest turn first, which is the order of granting. */
  @GuardedBy("lock")
  private final Queue<Turn> holders = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Queue<Turn> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private int free;

  WorkerPermits(int count, long turnNanos, LongSupplier nanoClock) {
    this.free = count;
    this.turnNanos = turnNanos;
    this.nanoClock = nanoClock;
  }

  /** A turn for one connection, whose progress is not blamed for the time spent waiting. */
  Turn newTurn(TransferProgress progress) {
    return new Turn(lock.newCondition(), progress);
  }

  /** Waits for a permit; give it back with {@link #release}. Interrupts are kept for later. */
  void acquire(Turn turn) {
    lock.lock();
    try {
      if (turn.held) {
        throw new IllegalStateException("the turn holds a permit already");
      }
      enter(turn);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins work, with a permit if it is not brief: waking up the one who waits for a permit takes
   * longer than brief work does. What is not over after a turn all the same gets into the queue by
   * {@link #keep}.
   */
  void begin(Turn turn, boolean brief) {
    if (brief) {
      turn.startedAt = nanoClock.getAsLong();
    } else {
      acquire(turn);
    }
  }

  /**
   * Called before each system call: goes on with a running turn, queues again if the turn is over
   * and the permit was taken away or is wanted.
   */
  void keep(Turn turn) {
    if (nanoClock.getAsLong() - turn.startedAt < turnNanos) {
      return;
    }
    lock.lock();
    try {
      if (turn.held) {
        leave(turn);
      }
      enter(turn);
    } finally {
      lock.unlock();
    }
  }

  /** Gives the permit back; does nothing if there is none any more, or never was. */
  void release(Turn turn) {
    lock.lock();
    try {
      if (turn.held) {
        leave(turn);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many connections wait. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void enter(Turn turn) {
    if (waiting.isEmpty() && free > 0) {
      free--;
      grant(turn);
      return;
    }
    waiting.add(turn);
    turn.progress.beginWaiting();
    boolean interrupted = false;
    while (!turn.held) {
      try {
        Turn longest = holders.peek();
        if (waiting.peek() != turn || longest == null) {
          // nobody says when it has become the first, for that is one more thread to wake up
          turn.granted.awaitNanos(turnNanos);
          continue;
        }
        // the first in the queue watches the longest turn
        long left = longest.startedAt + turnNanos - nanoClock.getAsLong();
        if (left > 0) {
          turn.granted.awaitNanos(left);
        } else {
          leave(longest);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    turn.progress.endWaiting();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @GuardedBy("lock")
  private void leave(Turn turn) {
    holders.remove(turn);
    turn.held = false;
    free++;
    grantNext();
  }

  @GuardedBy("lock")
  private void grantNext() {
    Turn next = waiting.poll();
    if (next == null) {
      return;
    }
    free--;
    grant(next);
    next.granted.signal();
  }

  @GuardedBy("lock")
  private void grant(Turn turn) {
    turn.held = true;
    turn.startedAt = nanoClock.getAsLong();
    holders.add(turn);
  }
}
