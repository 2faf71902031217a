package io.daxtier.resp;

import java.util.function.LongSupplier;

/** The permits for stores, lookups and loads. Thread-safe. */
record Workers(WorkerPermits store, WorkerPermits lookup, WorkerPermits load) {

  static Workers of(RespOptions.Workers counts, LongSupplier nanoClock) {
    return new Workers(
        permits(counts.store(), nanoClock),
        permits(counts.lookup(), nanoClock),
        permits(counts.load(), nanoClock));
  }

  private static WorkerPermits permits(int count, LongSupplier nanoClock) {
    return new WorkerPermits(count, WorkerPermits.TURN_NANOS, nanoClock);
  }

  Conversation.Turns newTurns(TransferProgress progress) {
    return new Conversation.Turns(
        store.newTurn(progress), lookup.newTurn(progress), load.newTurn(progress));
  }
}
