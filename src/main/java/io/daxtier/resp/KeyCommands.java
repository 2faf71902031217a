package io.daxtier.resp;

import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The object commands that move no values, SCAN aside. Thread-safe. */
final class KeyCommands {

  private final Tier tier;
  private final SlotStore store;
  private final KeyLimit keyLimit;

  KeyCommands(Tier tier, KeyLimit keyLimit) {
    this.tier = tier;
    this.store = tier.store();
    this.keyLimit = keyLimit;
  }

  void exists(Conversation talk) throws IOException {
    if (!keyLimit.admits(talk, 1, 1)) {
      return;
    }
    WorkerPermits permits = tier.workers().lookup();
    WorkerPermits.Turn turn = talk.turns().lookup();
    long hits = 0;
    long begun = tier.now();
    permits.begin(turn, talk.frame().size() - 1 <= WorkerPermits.BRIEF_KEYS);
    try {
      for (int i = 1; i < talk.frame().size(); i++) {
        permits.keep(turn);
        boolean hit = store.exists(talk.frame().key(i));
        hits += hit ? 1 : 0;
        tier.observe(Operation.LOOKUP, hit ? Outcome.HIT : Outcome.MISS, begun, 0);
        begun = tier.now();
      }
    } finally {
      permits.release(turn);
    }
    talk.replies().integer(hits);
  }

  void delete(Conversation talk) throws IOException {
    if (!keyLimit.admits(talk, 1, 1)) {
      return;
    }
    long deleted = 0;
    for (int i = 1; i < talk.frame().size(); i++) {
      deleted += store.delete(talk.frame().key(i)) ? 1 : 0;
    }
    talk.replies().integer(deleted);
  }

  void strlen(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1)) {
      talk.replies().integer(Math.max(0, store.length(talk.frame().key(1))));
    }
  }

  void type(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1)) {
      talk.replies().simple(store.length(talk.frame().key(1)) < 0 ? "none" : "string");
    }
  }

  void ttl(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1)) {
      long millis = store.expiry().remainingMillis(talk.frame().key(1));
      talk.replies().integer(millis < 0 ? millis : (millis + 500) / 1000);
    }
  }

  void pttl(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1)) {
      talk.replies().integer(store.expiry().remainingMillis(talk.frame().key(1)));
    }
  }

  void expire(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (!keyLimit.admits(talk, 1)) {
      return;
    }
    if (frame.size() > 3) {
      talk.replies().error("ERR Unsupported option " + frame.text(3));
      return;
    }
    OptionalLong seconds = Numbers.parse(frame.text(2));
    if (seconds.isEmpty()) {
      talk.replies().error(Sentences.NOT_AN_INTEGER);
      return;
    }
    Optional<Duration> timeToLive = Numbers.timeToLive(seconds.getAsLong(), true);
    if (timeToLive.isEmpty()) {
      talk.replies().error(Sentences.invalidExpire("expire"));
      return;
    }
    flag(talk, key -> store.expiry().expireAfter(key, timeToLive.get()));
  }

  void persist(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1)) {
      flag(talk, store.expiry()::persist);
    }
  }

  void dbsize(Conversation talk) throws IOException {
    talk.replies().integer(store.objectCount());
  }

  /** FLUSHALL and FLUSHDB, which are the same with one database. */
  void flush(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (!understandsFlush(frame)) {
      talk.replies().error(Sentences.SYNTAX);
      return;
    }
    store.flush();
    talk.replies().ok();
  }

  private static boolean understandsFlush(CommandFrame frame) {
    return frame.size() == 1
        || (frame.size() == 2 && (frame.is(1, "SYNC") || frame.is(1, "ASYNC")));
  }

  private static void flag(Conversation talk, Predicate<ObjectKey> action) throws IOException {
    talk.replies().integer(action.test(talk.frame().key(1)) ? 1 : 0);
  }
}
