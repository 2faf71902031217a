package io.daxtier.resp;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** The open connections, and what the closed ones have moved. Thread-safe. */
final class Connections {

  private final Map<Long, Connection> open = new ConcurrentHashMap<>();
  private final Lock lock = new ReentrantLock();
  private final Condition removed = lock.newCondition();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong commands = new AtomicLong();
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();

  Collection<Connection> all() {
    return open.values();
  }

  int count() {
    return open.size();
  }

  void add(Connection connection) {
    accepted.incrementAndGet();
    open.put(connection.client().id, connection);
  }

  void remove(Connection connection) {
    if (open.remove(connection.client().id) != null) {
      commands.addAndGet(connection.commandCount());
      bytesIn.addAndGet(connection.traffic().bytesIn());
      bytesOut.addAndGet(connection.traffic().bytesOut());
    }
    lock.lock();
    try {
      removed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all are gone; false if some are left. */
  boolean awaitNone(Duration timeout) {
    long left = timeout.toNanos();
    boolean interrupted = false;
    lock.lock();
    try {
      while (!open.isEmpty() && left > 0) {
        left = removed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      lock.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return open.isEmpty();
  }

  /** Counts one more that was refused, and says how many there are. */
  long reject() {
    return rejected.incrementAndGet();
  }

  RespSnapshot snapshot(Workers workers) {
    long commandSum = commands.get();
    long inSum = bytesIn.get();
    long outSum = bytesOut.get();
    long count = 0;
    for (Connection connection : open.values()) {
      count++;
      commandSum += connection.commandCount();
      inSum += connection.traffic().bytesIn();
      outSum += connection.traffic().bytesOut();
    }
    return new RespSnapshot(
        count,
        accepted.get(),
        rejected.get(),
        commandSum,
        inSum,
        outSum,
        workers.store().waiting(),
        workers.lookup().waiting(),
        workers.load().waiting());
  }
}
