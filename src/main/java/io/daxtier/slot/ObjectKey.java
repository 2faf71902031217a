package io.daxtier.slot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The name of an object: any bytes, compared bytewise. Immutable as long as the bytes given are.
 */
public final class ObjectKey {

  private final byte[] bytes;
  private final int hash;

  private ObjectKey(byte[] bytes, int hash) {
    this.bytes = bytes;
    this.hash = hash;
  }

  /** Takes ownership of the bytes: the caller must not change them afterwards. */
  public static ObjectKey of(byte[] bytes) {
    return new ObjectKey(bytes, spread(Arrays.hashCode(bytes)));
  }

  public static ObjectKey of(String utf8) {
    return of(utf8.getBytes(StandardCharsets.UTF_8));
  }

  /** The key of a stored object, sharing its bytes. */
  static ObjectKey of(StoredObject object) {
    return new ObjectKey(object.key, object.hash);
  }

  /** The key's own bytes; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ObjectKey key && key.hash == hash && Arrays.equals(key.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** For people: read as UTF-8. */
  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Mixes all bits into the low ones, which choose the bucket. */
  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ mixed >>> 16;
  }
}
