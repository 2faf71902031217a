package io.daxtier.resp;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Heap that all connections together may use for the arguments of large commands. What every
 * connection has anyway does not count. Thread-safe.
 */
final class ArgumentBudget {

  private final AtomicLong leftBytes;

  ArgumentBudget(long totalBytes) {
    this.leftBytes = new AtomicLong(totalBytes);
  }

  /** A quarter of the heap. */
  static ArgumentBudget ofHeap() {
    return new ArgumentBudget(Runtime.getRuntime().maxMemory() / 4);
  }

  boolean tryTake(long bytes) {
    if (leftBytes.addAndGet(-bytes) >= 0) {
      return true;
    }
    leftBytes.addAndGet(bytes);
    return false;
  }

  void giveBack(long bytes) {
    leftBytes.addAndGet(bytes);
  }

  long leftBytes() {
    return leftBytes.get();
  }
}
