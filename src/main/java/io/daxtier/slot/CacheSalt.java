package io.daxtier.slot;

import java.nio.charset.StandardCharsets;

/**
 * Finds the {@code cache_salt} in LMCache's key, {@code [prefix@]model@rank@group@hash[@salt]}.
 * Five fields may hold a prefix or a salt; the shape of rank (eight or more hexadecimal digits),
 * group (hexadecimal) and hash (hexadecimal of even length) tells which. Any other key has no salt.
 */
final class CacheSalt {

  private static final int MIN_RANK_DIGITS = 8;

  private CacheSalt() {}

  /** The salt, empty if there is none. */
  static String of(byte[] key) {
    int modelEnd = next(key, 0);
    if (modelEnd < 0) {
      return "";
    }
    int hashEnd = hashEnd(key, modelEnd + 1);
    if (hashEnd < 0) {
      int prefixedModelEnd = next(key, modelEnd + 1);
      hashEnd = prefixedModelEnd < 0 ? -1 : hashEnd(key, prefixedModelEnd + 1);
    }
    return hashEnd < 0 || hashEnd == key.length
        ? ""
        : new String(key, hashEnd + 1, key.length - hashEnd - 1, StandardCharsets.UTF_8);
  }

  /** Where {@code rank@group@hash} that starts at {@code from} ends, or -1 if it is none. */
  private static int hashEnd(byte[] key, int from) {
    int rankEnd = next(key, from);
    if (rankEnd - from < MIN_RANK_DIGITS || !isHex(key, from, rankEnd)) {
      return -1;
    }
    int groupEnd = next(key, rankEnd + 1);
    if (groupEnd <= rankEnd + 1 || !isHex(key, rankEnd + 1, groupEnd)) {
      return -1;
    }
    int end = next(key, groupEnd + 1);
    int hashEnd = end < 0 ? key.length : end;
    int digits = hashEnd - groupEnd - 1;
    return digits > 0 && digits % 2 == 0 && isHex(key, groupEnd + 1, hashEnd) ? hashEnd : -1;
  }

  private static int next(byte[] key, int from) {
    for (int i = from; i < key.length; i++) {
      if (key[i] == '@') {
        return i;
      }
    }
    return -1;
  }

  private static boolean isHex(byte[] key, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = key[i];
      if (Character.digit(b, 16) < 0 || (b >= 'A' && b <= 'F')) {
        return false;
      }
    }
    return true;
  }
}
