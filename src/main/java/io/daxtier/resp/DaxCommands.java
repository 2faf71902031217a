package io.daxtier.resp;

import io.daxtier.device.DaxDevice;
import io.daxtier.slot.Grant;
import io.daxtier.slot.GrantRefusal;
import io.daxtier.slot.GrantResult;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.SessionSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The fast path: locked addresses for clients that map the devices themselves. A command is checked
 * as a whole before anything is reserved or locked. Thread-safe.
 */
final class DaxCommands {

  /** Keys or tokens of one command. */
  static final int MAX_BATCH = 4096;

  private static final String GROUP = "dax";

  private final Tier tier;
  private final KeyLimit keyLimit;

  DaxCommands(Tier tier, KeyLimit keyLimit) {
    this.tier = tier;
    this.keyLimit = keyLimit;
  }

  List<CommandSpec> specs() {
    return List.of(
        spec("dax.info", 1, "Epoch, slot size and devices.", this::info),
        spec("dax.reserve", -3, "Reserves slots to write to.", this::reserve),
        spec("dax.commit", -2, "Publishes reserved slots.", this::commit),
        spec("dax.abort", -2, "Gives reserved slots back.", this::abort),
        spec("dax.lookup", -2, "Locks objects and tells their addresses.", this::lookup),
        spec("dax.renew", -2, "Moves the deadlines of locks or reservations.", this::renew),
        spec("dax.unlock", -2, "Ends locks; says whether they held.", this::unlock),
        spec("dax.del", -2, "Deletes objects that are not locked.", this::delete),
        spec("dax.sessions", 1, "Sessions that hold something.", this::sessions),
        new DescriptorCommand(tier).spec());
  }

  private static CommandSpec spec(
      String name, int arity, String summary, CommandSpec.Handler handler) {
    return new CommandSpec(name, arity, GROUP, summary, 0, handler);
  }

  private void info(Conversation talk) throws IOException {
    List<DaxDevice> mapped =
        tier.registry().devices().stream().filter(d -> d.state().isMapped()).toList();
    ReplyWriter replies = talk.replies();
    replies.array(3);
    replies.bulk(tier.store().epoch());
    replies.integer(tier.store().options().slotBytes());
    replies.array(mapped.size());
    for (DaxDevice device : mapped) {
      replies.array(4);
      replies.integer(device.id());
      replies.bulk(device.path().toString());
      replies.integer(device.sizeBytes());
      replies.bulk(device.state().wireName());
    }
  }

  private record Wish(ObjectKey key, long lengthBytes) {}

  private void reserve(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (frame.size() % 2 == 0) {
      talk.replies().error(Sentences.wrongArity("dax.reserve"));
      return;
    }
    if (!batchFits(talk, (frame.size() - 1) / 2) || !keyLimit.admits(talk, 1, 2)) {
      return;
    }
    long slotBytes = tier.store().options().slotBytes();
    List<Wish> wishes = new ArrayList<>();
    for (int i = 1; i < frame.size(); i += 2) {
      OptionalLong length = Numbers.parse(frame.text(i + 1));
      if (length.isEmpty()) {
        talk.replies().error(Sentences.NOT_AN_INTEGER);
        return;
      }
      if (length.getAsLong() < 0 || length.getAsLong() > slotBytes) {
        talk.replies().error("ERR length must be 0 to " + slotBytes + ": " + length.getAsLong());
        return;
      }
      wishes.add(new Wish(frame.key(i), length.getAsLong()));
    }
    talk.replies().array(wishes.size());
    List<ObjectKey> kept = new ArrayList<>();
    for (Wish wish : wishes) {
      long begun = tier.now();
      GrantResult result = talk.session().reserve(wish.key(), wish.lengthBytes());
      if (result == GrantRefusal.EXISTS) {
        kept.add(wish.key());
      }
      answer(talk, result, begun);
    }
    talk.session().stored(kept);
  }

  private void answer(Conversation talk, GrantResult result, long begun) throws IOException {
    switch (result) {
      case GrantRefusal refusal -> {
        switch (refusal) {
          case NO_ROOM -> {
            talk.replies().nil();
            tier.observe(Operation.STORE, Outcome.FULL, begun, 0);
          }
          case EXISTS -> {
            talk.replies().simple("EXISTS");
            tier.observe(Operation.STORE, Outcome.KEPT, begun, 0);
          }
        }
      }
      case Grant grant -> {
        talk.replies().array(3);
        talk.replies().integer(grant.deviceId());
        talk.replies().integer(grant.offset());
        talk.replies().bulk(grant.token());
      }
    }
  }

  private void lookup(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (!batchFits(talk, frame.size() - 1) || !keyLimit.admits(talk, 1, 1)) {
      return;
    }
    WorkerPermits permits = tier.workers().lookup();
    WorkerPermits.Turn turn = talk.turns().lookup();
    talk.replies().array(frame.size() - 1);
    long begun = tier.now();
    permits.begin(turn, frame.size() - 1 <= WorkerPermits.BRIEF_KEYS);
    try {
      for (int i = 1; i < frame.size(); i++) {
        permits.keep(turn);
        Grant grant = talk.session().lookup(frame.key(i));
        answer(talk.replies(), grant);
        tier.observe(Operation.LOOKUP, grant == null ? Outcome.MISS : Outcome.HIT, begun, 0);
        begun = tier.now();
      }
    } finally {
      permits.release(turn);
    }
  }

  private static void answer(ReplyWriter replies, @Nullable Grant grant) throws IOException {
    if (grant == null) {
      replies.nil();
      return;
    }
    replies.array(4);
    replies.integer(grant.deviceId());
    replies.integer(grant.offset());
    replies.integer(grant.length());
    replies.bulk(grant.token());
  }

  private void commit(Conversation talk) throws IOException {
    settle(talk, Operation.STORE, Outcome.STORED, talk.session()::commit);
  }

  private void abort(Conversation talk) throws IOException {
    eachWord(talk, i -> talk.session().abort(talk.frame().text(i)));
  }

  private void renew(Conversation talk) throws IOException {
    eachWord(talk, i -> talk.session().renew(talk.frame().text(i)));
  }

  private void unlock(Conversation talk) throws IOException {
    settle(talk, Operation.LOAD, Outcome.HIT, talk.session()::unlock);
  }

  /** Gives the command's tokens back as one batch, and answers 1 or 0 for each. */
  private void settle(
      Conversation talk,
      Operation operation,
      Outcome success,
      Function<List<String>, boolean[]> action)
      throws IOException {
    CommandFrame frame = talk.frame();
    if (!batchFits(talk, frame.size() - 1)) {
      return;
    }
    long begun = tier.now();
    boolean[] held = action.apply(tokens(frame));
    talk.replies().array(held.length);
    for (boolean good : held) {
      talk.replies().integer(good ? 1 : 0);
      tier.observe(operation, good ? success : Outcome.ERROR, begun, 0);
    }
  }

  private static List<String> tokens(CommandFrame frame) {
    List<String> tokens = new ArrayList<>(frame.size() - 1);
    for (int i = 1; i < frame.size(); i++) {
      tokens.add(frame.text(i));
    }
    return tokens;
  }

  private void delete(Conversation talk) throws IOException {
    if (keyLimit.admits(talk, 1, 1)) {
      eachWord(talk, i -> tier.store().deleteUnlocked(talk.frame().key(i)));
    }
  }

  private void sessions(Conversation talk) throws IOException {
    List<SessionSnapshot> sessions = tier.store().sessions();
    ReplyWriter replies = talk.replies();
    replies.array(sessions.size());
    for (SessionSnapshot session : sessions) {
      replies.array(5);
      replies.integer(session.id());
      replies.bulk(session.peer());
      replies.integer(session.locks());
      replies.integer(session.reservations());
      replies.integer(session.oldest().toMillis());
    }
  }

  /** Answers 1 or 0 for each word after the command's name. */
  private static void eachWord(Conversation talk, IntPredicate action) throws IOException {
    int words = talk.frame().size() - 1;
    if (batchFits(talk, words)) {
      talk.replies().array(words);
      for (int i = 1; i <= words; i++) {
        talk.replies().integer(action.test(i) ? 1 : 0);
      }
    }
  }

  private static boolean batchFits(Conversation talk, int size) throws IOException {
    if (size <= MAX_BATCH) {
      return true;
    }
    talk.replies().error("ERR too many in one command: " + size + ", the limit is " + MAX_BATCH);
    return false;
  }
}
