package io.daxtier.resp;

import io.daxtier.slot.StoreMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What stands behind a SET's value: an agreement on how to store it, or why there is none. */
sealed interface SetOptions {

  /** The options were understood. */
  record Accepted(StoreMode mode, @Nullable Duration timeToLive) implements SetOptions {}

  /** They were not; the sentence is Redis's. */
  record Refused(String sentence) implements SetOptions {}

  /** Reads NX, XX, EX and PX from a word on. */
  static SetOptions parse(CommandFrame frame, int from) {
    StoreMode mode = StoreMode.REPLACE;
    String unit = null;
    String number = "";
    for (int i = from; i < frame.size(); i++) {
      String option = frame.text(i).toUpperCase(Locale.ROOT);
      switch (option) {
        case "NX", "XX" -> {
          StoreMode wanted = option.equals("NX") ? StoreMode.IF_ABSENT : StoreMode.IF_PRESENT;
          if (mode != StoreMode.REPLACE && mode != wanted) {
            return new Refused(Sentences.SYNTAX);
          }
          mode = wanted;
        }
        case "EX", "PX" -> {
          if ((unit != null && !unit.equals(option)) || ++i == frame.size()) {
            return new Refused(Sentences.SYNTAX);
          }
          unit = option;
          number = frame.text(i);
        }
        case "KEEPTTL", "GET", "EXAT", "PXAT" -> {
          return new Refused("ERR SET option " + option + " is not supported");
        }
        default -> {
          return new Refused(Sentences.SYNTAX);
        }
      }
    }
    return unit == null ? new Accepted(mode, null) : timed(mode, number, unit.equals("EX"));
  }

  /** Redis looks at the number last, and only at the one that was given last. */
  private static SetOptions timed(StoreMode mode, String text, boolean seconds) {
    OptionalLong number = Numbers.parse(text);
    if (number.isEmpty()) {
      return new Refused(Sentences.NOT_AN_INTEGER);
    }
    Optional<Duration> timeToLive = Numbers.timeToLive(number.getAsLong(), seconds);
    if (timeToLive.isEmpty() || !timeToLive.get().isPositive()) {
      return new Refused(Sentences.invalidExpire("set"));
    }
    return new Accepted(mode, timeToLive.get());
  }
}
