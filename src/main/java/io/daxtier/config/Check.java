package io.daxtier.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of property values. Each method returns the value or throws an {@link
 * InvalidFieldException}; the texts of the adapter's own fields are LMCache's.
 */
final class Check {

  static final String NON_EMPTY_STRING = "must be a non-empty string";
  static final String POSITIVE_NUMBER = "must be a positive number";
  static final String POSITIVE_INTEGER = "must be a positive integer";
  static final String TRUE_OR_FALSE = "must be true or false";
  static final String LIST = "must be a list";
  static final String DICT = "must be a dict";
  static final String WATERMARK = "must be a number above 0 and at most 1";
  static final String RATIO = "must be a number from 0 to 1";
  static final String POLICY = "must be LRU or noop";
  static final String PORT = "must be a port from 0 to 65535";
  static final String DURATION = "must be a duration such as 10s";

  /** No wait of this service is longer; a nanosecond clock can tell such times apart. */
  static final Duration LONGEST = Duration.ofDays(365);

  private Check() {}

  /** The value without blanks around it. */
  static String nonEmpty(String field, @Nullable String value) {
    String trimmed = value == null ? "" : value.strip();
    if (trimmed.isEmpty()) {
      throw new InvalidFieldException(field, NON_EMPTY_STRING);
    }
    return trimmed;
  }

  /** As {@link #nonEmpty}, and good for a path. */
  static String path(String field, @Nullable String value) {
    String path = nonEmpty(field, value);
    try {
      return Path.of(path).toString();
    } catch (InvalidPathException e) {
      throw new InvalidFieldException(field, "must be a path: " + e.getReason());
    }
  }

  /** A value that need not be given; an empty variable or argument gives none. */
  static @Nullable String absentIfBlank(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }

  static double positive(String field, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidFieldException(field, POSITIVE_NUMBER);
    }
    return value;
  }

  static int positive(String field, int value) {
    return (int) positive(field, (long) value);
  }

  static long positive(String field, long value) {
    if (value <= 0) {
      throw new InvalidFieldException(field, POSITIVE_INTEGER);
    }
    return value;
  }

  static double watermark(String field, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new InvalidFieldException(field, WATERMARK);
    }
    return value;
  }

  static double ratio(String field, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new InvalidFieldException(field, RATIO);
    }
    return value;
  }

  static int port(String field, int value) {
    if (value < 0 || value > 65535) {
      throw new InvalidFieldException(field, PORT);
    }
    return value;
  }

  /** A duration from zero to {@link #LONGEST}. */
  static Duration duration(String field, Duration value) {
    if (value.isNegative() || value.compareTo(LONGEST) > 0) {
      throw new InvalidFieldException(
          field, "must be a duration from 0s to %dd".formatted(LONGEST.toDays()));
    }
    return value;
  }

  /** A duration above zero, up to {@link #LONGEST}. */
  static Duration positive(String field, Duration value) {
    if (!value.isPositive()) {
      throw new InvalidFieldException(
          field, "must be a duration above 0s and up to %dd".formatted(LONGEST.toDays()));
    }
    return duration(field, value);
  }

  /**
   * What a value that could not even be converted should have been.
   *
   * @param field the field's name within its record
   * @param otherwise what most fields of its type have to be
   */
  static String requirement(String field, String otherwise) {
    return switch (field) {
      case "trigger_watermark" -> WATERMARK;
      case "eviction_ratio" -> RATIO;
      case "eviction_policy" -> POLICY;
      case "port" -> PORT;
      default -> otherwise;
    };
  }
}
