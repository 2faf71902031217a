package io.daxtier.resp;

import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]. Thread-safe. */
final class ScanCommand implements CommandSpec.Handler {

  private static final int DEFAULT_COUNT = 10;

  private final SlotStore store;

  ScanCommand(SlotStore store) {
    this.store = store;
  }

  @Override
  public void run(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    long cursor;
    try {
      cursor = parseCursor(frame.text(1));
    } catch (NumberFormatException e) {
      talk.replies().error(Sentences.INVALID_CURSOR);
      return;
    }
    GlobPattern pattern = null;
    long count = DEFAULT_COUNT;
    boolean strings = true;
    for (int i = 2; i < frame.size(); i += 2) {
      if (i + 1 == frame.size()) {
        talk.replies().error(Sentences.SYNTAX);
        return;
      }
      switch (frame.text(i).toUpperCase(Locale.ROOT)) {
        case "MATCH" -> pattern = new GlobPattern(frame.bytes(i + 1), false);
        case "TYPE" -> strings = frame.is(i + 1, "STRING");
        case "COUNT" -> {
          OptionalLong number = Numbers.parse(frame.text(i + 1));
          if (number.isEmpty()) {
            talk.replies().error(Sentences.NOT_AN_INTEGER);
            return;
          }
          count = number.getAsLong();
          if (count < 1) {
            talk.replies().error(Sentences.SYNTAX);
            return;
          }
        }
        default -> {
          talk.replies().error(Sentences.SYNTAX);
          return;
        }
      }
    }
    scan(talk.replies(), cursor, (int) Math.min(count, Integer.MAX_VALUE), pattern, strings);
  }

  /** As strtoul reads it, which takes a minus. */
  private static long parseCursor(String text) {
    return text.startsWith("-")
        ? -Long.parseUnsignedLong(text.substring(1))
        : Long.parseUnsignedLong(text);
  }

  private void scan(
      ReplyWriter replies, long cursor, int count, @Nullable GlobPattern pattern, boolean strings)
      throws IOException {
    List<ObjectKey> found = new ArrayList<>();
    long next =
        store.scan(
            cursor,
            count,
            key -> {
              if (strings && (pattern == null || pattern.matches(key.bytes()))) {
                found.add(key);
              }
            });
    replies.array(2);
    replies.bulk(Long.toUnsignedString(next));
    replies.array(found.size());
    for (ObjectKey key : found) {
      replies.bulk(key.bytes());
    }
  }
}
