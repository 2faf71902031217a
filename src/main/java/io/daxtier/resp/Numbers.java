package io.daxtier.resp;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Numbers as Redis reads them: decimal, no blanks, no plus, no leading zeros, 64 bits. */
final class Numbers {

  private static final int MAX_CHARACTERS = 20;

  private Numbers() {}

  static OptionalLong parse(String text) {
    int digits = text.startsWith("-") ? 1 : 0;
    if (text.length() == digits || text.length() > MAX_CHARACTERS) {
      return OptionalLong.empty();
    }
    for (int i = digits; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return OptionalLong.empty();
      }
    }
    if (text.charAt(digits) == '0' && text.length() > 1) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** A time to live, unless its end is beyond 64 bits of milliseconds since 1970. */
  static Optional<Duration> timeToLive(long value, boolean seconds) {
    long now = System.currentTimeMillis();
    try {
      long millis = seconds ? Math.multiplyExact(value, 1000L) : value;
      boolean endFits = millis <= Long.MAX_VALUE - now;
      return endFits ? Optional.of(Duration.ofMillis(millis)) : Optional.empty();
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }
}
