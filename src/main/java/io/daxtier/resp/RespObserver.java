package io.daxtier.resp;

/**
 * Is told of every operation when it has ended. Called by connection threads, so it must be quick.
 */
@FunctionalInterface
public interface RespObserver {

  /** Ignores everything. */
  RespObserver NONE = (operation, outcome, nanos, bytes) -> {};

  /**
   * One operation has ended.
   *
   * @param nanos from the parsed command to the last byte, waiting for a worker included
   * @param bytes payload bytes moved; 0 unless stored or hit
   */
  void operation(Operation operation, Outcome outcome, long nanos, long bytes);
}
