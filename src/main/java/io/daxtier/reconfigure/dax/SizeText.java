package io.daxtier.reconfigure.dax;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Sizes as people write them: {@code 1073741824}, {@code 100GiB}, {@code 1.5 tb}. All units are
 * powers of 1024, in any case; digits are ASCII; a fraction of a byte is dropped. Reading takes
 * time linear in the length, and nothing longer than {@value #MAX_CHARS} characters is read at all.
 */
final class SizeText {

  private static final int MAX_CHARS = 64;
  private static final Map<String, Integer> SHIFTS =
      Map.ofEntries(
          Map.entry("", 0),
          Map.entry("b", 0),
          Map.entry("k", 10),
          Map.entry("kb", 10),
          Map.entry("kib", 10),
          Map.entry("m", 20),
          Map.entry("mb", 20),
          Map.entry("mib", 20),
          Map.entry("g", 30),
          Map.entry("gb", 30),
          Map.entry("gib", 30),
          Map.entry("t", 40),
          Map.entry("tb", 40),
          Map.entry("tib", 40));
  private static final BigDecimal MAX_BYTES = BigDecimal.valueOf(Long.MAX_VALUE);

  private SizeText() {}

  /**
   * Reads a size.
   *
   * @return bytes, at least 1 and at most {@link Long#MAX_VALUE}, which no device has; empty if the
   *     text is no size
   */
  static OptionalLong bytes(String text) {
    String trimmed = text.strip();
    if (trimmed.length() > MAX_CHARS) {
      return OptionalLong.empty();
    }
    int whole = digitsEnd(trimmed, 0);
    int end = whole;
    if (end < trimmed.length() && trimmed.charAt(end) == '.') {
      end = digitsEnd(trimmed, whole + 1);
      if (end == whole + 1) {
        return OptionalLong.empty();
      }
    }
    Integer shift = SHIFTS.get(trimmed.substring(end).strip().toLowerCase(Locale.ROOT));
    if (whole == 0 || shift == null) {
      return OptionalLong.empty();
    }
    BigDecimal bytes =
        new BigDecimal(trimmed.substring(0, end))
            .multiply(BigDecimal.valueOf(1L << shift))
            .setScale(0, RoundingMode.DOWN)
            .min(MAX_BYTES);
    return bytes.signum() > 0 ? OptionalLong.of(bytes.longValueExact()) : OptionalLong.empty();
  }

  private static int digitsEnd(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }
}
