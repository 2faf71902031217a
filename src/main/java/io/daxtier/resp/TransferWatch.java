package io.daxtier.resp;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Aborts transfers and half-received commands that are slower than 64 KiB/s over the transfer
 * time-out, by ending their session: a client that moves nothing may still be writing to slots that
 * it has reserved. A thread of its own.
 */
final class TransferWatch implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(TransferWatch.class.getName());

  private final long windowNanos;
  private final Supplier<? extends Iterable<Connection>> connections;
  private final LongConsumer endSession;
  private volatile boolean closed;
  private final Thread thread;

  TransferWatch(
      Duration transferTimeout,
      Supplier<? extends Iterable<Connection>> connections,
      LongConsumer endSession) {
    this.windowNanos = transferTimeout.toNanos();
    this.connections = connections;
    this.endSession = endSession;
    this.thread = Thread.ofPlatform().name("resp-transfer-watch").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    long tickNanos =
        Math.max(windowNanos / TransferProgress.SAMPLES, TimeUnit.MILLISECONDS.toNanos(1));
    while (!closed) {
      LockSupport.parkNanos(this, tickNanos);
      sweepSafely();
    }
  }

  /** A sweep that fails must not be the last. */
  private void sweepSafely() {
    try {
      sweep();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "the transfers could not be watched and will be looked at again", e);
    }
  }

  private void sweep() {
    for (Connection connection : connections.get()) {
      if (connection.progress().isStalled(windowNanos)) {
        LOG.log(
            Level.INFO,
            connection.peer()
                + " moved less than 64 KiB/s for "
                + TimeUnit.NANOSECONDS.toSeconds(windowNanos)
                + " s: aborted");
        endSession.accept(connection.client().id);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
