package io.daxtier.resp;

import io.daxtier.slot.CommitResult;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.ReserveRefusal;
import io.daxtier.slot.ReserveResult;
import java.io.IOException;

/**
 * SET key value [NX|XX] [EX seconds|PX milliseconds]. The value goes from the socket into a
 * reserved slot and becomes an object when all of the command has arrived. A refused value is
 * skipped, so that the peer stays in step. Thread-safe.
 */
final class StoreCommand implements CommandSpec.Handler {

  private final Tier tier;
  private final Answers answers;
  private final KeyLimit keyLimit;

  StoreCommand(Tier tier, Answers answers, KeyLimit keyLimit) {
    this.tier = tier;
    this.answers = answers;
    this.keyLimit = keyLimit;
  }

  @Override
  public void run(Conversation talk) throws IOException, ProtocolException {
    long begun = tier.now();
    CommandFrame frame = talk.frame();
    if (frame.length(1) > keyLimit.maxBytes()) {
      refuse(talk, Outcome.ERROR, keyLimit.sentence(frame.length(1)), begun);
      return;
    }
    long length = frame.valueLength();
    ReserveResult result = tier.store().reserve(talk.session(), frame.key(1), length);
    switch (result) {
      case ReserveRefusal refusal -> {
        switch (refusal) {
          case NO_ROOM -> refuse(talk, Outcome.FULL, Sentences.OUT_OF_MEMORY, begun);
          case TOO_LARGE -> refuse(talk, Outcome.TOO_LARGE, tooLarge(length), begun);
        }
      }
      case Reservation reservation -> {
        try (reservation) {
          store(talk, reservation, begun);
        }
      }
    }
  }

  private void store(Conversation talk, Reservation reservation, long begun)
      throws IOException, ProtocolException {
    boolean arrived = false;
    boolean complete;
    try {
      complete = receive(talk, reservation);
      arrived = true;
    } finally {
      if (!arrived) {
        tier.observe(Operation.STORE, Outcome.ERROR, begun, 0);
      }
    }
    String refusal = talk.frame().refusal();
    if (refusal != null) {
      fail(talk, refusal, begun);
      return;
    }
    switch (SetOptions.parse(talk.frame(), CommandFrame.VALUE_INDEX + 1)) {
      case SetOptions.Refused refused -> fail(talk, refused.sentence(), begun);
      case SetOptions.Accepted options -> {
        CommitResult result =
            complete ? reservation.commit(options.mode(), options.timeToLive()) : CommitResult.LOST;
        answer(talk, result, reservation.length(), begun);
      }
    }
  }

  private void answer(Conversation talk, CommitResult result, long length, long begun)
      throws IOException {
    switch (result) {
      case STORED -> {
        talk.replies().ok();
        tier.observe(Operation.STORE, Outcome.STORED, begun, length);
      }
      case KEPT -> {
        talk.replies().ok();
        tier.observe(Operation.STORE, Outcome.KEPT, begun, 0);
      }
      case CONDITION_FAILED -> {
        talk.replies().nil();
        tier.observe(Operation.STORE, Outcome.KEPT, begun, 0);
      }
      case LOST -> fail(talk, "ERR the device of this value failed or went away", begun);
    }
  }

  /** Whether all of the value is in its slot; the rest of the command has been read in any case. */
  private boolean receive(Conversation talk, Reservation reservation)
      throws IOException, ProtocolException {
    CommandFrame frame = talk.frame();
    if (!frame.hasPendingValue()) {
      return talk.values().fill(reservation, frame.view(CommandFrame.VALUE_INDEX));
    }
    long received;
    WorkerPermits permits = tier.workers().store();
    WorkerPermits.Turn turn = talk.turns().store();
    permits.begin(turn, reservation.length() < WorkerPermits.CHUNK_BYTES);
    try {
      received = talk.values().receive(reservation, permits, turn);
    } finally {
      permits.release(turn);
    }
    talk.reader().skipValue(frame, reservation.length() - received);
    return received == reservation.length();
  }

  private void refuse(Conversation talk, Outcome outcome, String sentence, long begun)
      throws IOException, ProtocolException {
    CommandFrame frame = talk.frame();
    if (frame.hasPendingValue()) {
      talk.reader().skipValue(frame, frame.valueLength());
    }
    answers.error(talk, sentence);
    tier.observe(Operation.STORE, outcome, begun, 0);
  }

  private void fail(Conversation talk, String sentence, long begun) throws IOException {
    answers.error(talk, sentence);
    tier.observe(Operation.STORE, Outcome.ERROR, begun, 0);
  }

  private String tooLarge(long length) {
    return "ERR value is too large: "
        + length
        + " bytes, a slot holds "
        + tier.store().options().slotBytes();
  }
}
