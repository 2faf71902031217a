package io.daxtier.resp;

/**
 * A pattern as Redis's MATCH has it: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, backslash.
 * Time is bounded by pattern length times text length. Immutable.
 */
final class GlobPattern {

  private final byte[] pattern;
  private final boolean ignoreCase;

  GlobPattern(byte[] pattern, boolean ignoreCase) {
    this.pattern = pattern;
    this.ignoreCase = ignoreCase;
  }

  /** Greedy, with one point to come back to: only the last star ever needs another try. */
  boolean matches(byte[] text) {
    int p = 0;
    int t = 0;
    int starPattern = -1;
    int starText = 0;
    while (t < text.length) {
      if (p < pattern.length && pattern[p] == '*') {
        starPattern = ++p;
        starText = t;
        continue;
      }
      int next = p < pattern.length ? matchOne(p, text[t]) : -1;
      if (next >= 0) {
        p = next;
        t++;
      } else if (starPattern >= 0) {
        p = starPattern;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  /** Where the pattern goes on if its element at {@code p} matches the byte, else -1. */
  private int matchOne(int p, byte b) {
    return switch (pattern[p]) {
      case '?' -> p + 1;
      case '[' -> matchClass(p + 1, b);
      case '\\' -> {
        int at = p + 1 < pattern.length ? p + 1 : p;
        yield fold(pattern[at]) == fold(b) ? at + 1 : -1;
      }
      default -> fold(pattern[p]) == fold(b) ? p + 1 : -1;
    };
  }

  private int matchClass(int start, byte b) {
    int p = start;
    boolean negated = p < pattern.length && pattern[p] == '^';
    if (negated) {
      p++;
    }
    int wanted = fold(b);
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p++;
        found |= fold(pattern[p]) == wanted;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        int from = fold(pattern[p]);
        int to = fold(pattern[p + 2]);
        found |= wanted >= Math.min(from, to) && wanted <= Math.max(from, to);
        p += 2;
      } else {
        found |= fold(pattern[p]) == wanted;
      }
      p++;
    }
    int end = Math.min(p + 1, pattern.length);
    return found != negated ? end : -1;
  }

  private int fold(byte b) {
    int value = b & 0xff;
    return ignoreCase && value >= 'A' && value <= 'Z' ? value + 32 : value;
  }
}
