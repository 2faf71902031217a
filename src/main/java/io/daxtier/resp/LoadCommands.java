package io.daxtier.resp;

import io.daxtier.slot.Borrow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GET and MGET: values go from their slots into the socket. Thread-safe. */
final class LoadCommands {

  private final Tier tier;
  private final Answers answers;
  private final KeyLimit keyLimit;

  LoadCommands(Tier tier, Answers answers, KeyLimit keyLimit) {
    this.tier = tier;
    this.answers = answers;
    this.keyLimit = keyLimit;
  }

  void get(Conversation talk) throws IOException {
    if (!keyLimit.admits(talk, 1)) {
      return;
    }
    long begun = tier.now();
    Outcome outcome = Outcome.ERROR;
    long bytes = 0;
    Borrow borrow = tier.store().borrow(talk.session(), talk.frame().key(1));
    try (borrow) {
      if (borrow == null) {
        answers.miss(talk);
        outcome = Outcome.MISS;
      } else if (send(talk, borrow)) {
        tier.store().loaded(List.of(borrow));
        bytes = borrow.length();
        outcome = Outcome.HIT;
        talk.client().lastValueBytes = bytes;
      } else {
        answers.miss(talk);
      }
    } finally {
      tier.observe(Operation.LOAD, outcome, begun, bytes);
    }
  }

  private boolean send(Conversation talk, Borrow borrow) throws IOException {
    WorkerPermits permits = tier.workers().load();
    WorkerPermits.Turn turn = talk.turns().load();
    permits.begin(turn, borrow.length() < WorkerPermits.CHUNK_BYTES);
    try {
      return talk.values().send(borrow, permits, turn);
    } finally {
      permits.release(turn);
    }
  }

  /** All objects are borrowed at first, so that the reply shows them at one moment. */
  void mget(Conversation talk) throws IOException {
    if (!keyLimit.admits(talk, 1, 1)) {
      return;
    }
    List<@Nullable Borrow> borrows = new ArrayList<>(talk.frame().size() - 1);
    try {
      for (int i = 1; i < talk.frame().size(); i++) {
        borrows.add(tier.store().borrow(talk.session(), talk.frame().key(i)));
      }
      sendAll(talk, borrows);
    } finally {
      for (Borrow borrow : borrows) {
        if (borrow != null) {
          borrow.close();
        }
      }
    }
  }

  private void sendAll(Conversation talk, List<@Nullable Borrow> borrows) throws IOException {
    List<Borrow> loaded = new ArrayList<>();
    WorkerPermits permits = tier.workers().load();
    WorkerPermits.Turn turn = talk.turns().load();
    long bytes = borrows.stream().mapToLong(b -> b == null ? 0 : b.length()).sum();
    talk.replies().array(borrows.size());
    permits.begin(turn, bytes < WorkerPermits.CHUNK_BYTES);
    try {
      for (Borrow borrow : borrows) {
        long begun = tier.now();
        if (borrow == null) {
          talk.replies().nil();
          tier.observe(Operation.LOAD, Outcome.MISS, begun, 0);
        } else if (talk.values().send(borrow, permits, turn)) {
          loaded.add(borrow);
          tier.observe(Operation.LOAD, Outcome.HIT, begun, borrow.length());
        } else {
          talk.replies().nil();
          tier.observe(Operation.LOAD, Outcome.ERROR, begun, 0);
        }
      }
    } finally {
      permits.release(turn);
    }
    tier.store().loaded(loaded);
  }
}
