package io.daxtier.memory;

/** Touching mapped bytes failed: the page behind them is lost (SIGBUS, EFAULT). */
public final class MemoryFaultException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MemoryFaultException(String message, Throwable cause) {
    super(message, cause);
  }
}
