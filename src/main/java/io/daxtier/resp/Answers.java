package io.daxtier.resp;

import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Errors and misses in a form that the peer can take. LMCache's {@code resp} adapter reads replies
 * by fixed length and never reconnects, so a reply that is shorter than it expects stops its worker
 * for good and a longer one shifts all that follow. It is known by what it sends: a connection that
 * has sent nothing but AUTH, SET, GET, EXISTS and DEL, and a key with an {@code @}. It gets errors
 * of just the right length; everyone else gets Redis's sentences. Thread-safe.
 */
final class Answers {

  private static final byte[] STORE_ERROR = ascii("-NO\r\n");
  private static final byte[] FLAG_ERROR = ascii("-E\r\n");
  private static final byte[] MISS = ascii("-MISS");

  private final SlotStore store;

  Answers(SlotStore store) {
    this.store = store;
  }

  /**
   * Says that the command failed.
   *
   * @param sentence begins with its code, such as ERR
   */
  void error(Conversation talk, String sentence) throws IOException {
    CommandFrame frame = talk.frame();
    ReplyWriter replies = talk.replies();
    if (!isLmCache(talk)) {
      replies.error(sentence);
    } else if (frame.is(0, "SET")) {
      replies.raw(STORE_ERROR);
    } else if (frame.is(0, "GET")) {
      paddedMiss(talk);
    } else if (frame.is(0, "EXISTS") || frame.is(0, "DEL")) {
      replies.raw(FLAG_ERROR);
    } else {
      replies.error(sentence);
    }
  }

  /** Says that GET found nothing. */
  void miss(Conversation talk) throws IOException {
    if (isLmCache(talk)) {
      paddedMiss(talk);
    } else {
      talk.replies().nil();
    }
  }

  /** An error line exactly as long as the header of the value that the peer expects. */
  private void paddedMiss(Conversation talk) throws IOException {
    long expected = expectedLength(talk);
    int digits = Long.toString(expected).length();
    byte[] line = new byte[3 + digits];
    for (int i = 0; i < line.length - 2; i++) {
      line[i] = i < MISS.length ? MISS[i] : (byte) '.';
    }
    line[line.length - 2] = '\r';
    line[line.length - 1] = '\n';
    talk.replies().raw(line);
  }

  private long expectedLength(Conversation talk) {
    OptionalLong promised = store.promisedLength(talk.frame().key(1));
    if (promised.isPresent()) {
      return promised.getAsLong();
    }
    if (talk.client().lastValueBytes >= 0) {
      return talk.client().lastValueBytes;
    }
    return store.lastStoredLength().orElse(store.options().slotBytes());
  }

  private static boolean isLmCache(Conversation talk) {
    return talk.client().maybeLmCache && talk.frame().hasAtSign(1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
