package io.daxtier.slot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One KV object in one slot, for as long as the slot holds it. A key that is stored again, or an
 * object that is moved, gets a new one of these, so that whoever borrows or locks the old bytes
 * keeps them.
 *
 * <p>All mutable fields are guarded by the lock of {@link SlotMetadata}. There are millions of
 * these: they are their own entry in the index and in the order of recency (see {@link
 * ObjectIndex}), 80 bytes beside the key.
 */
final class StoredObject {

  static final long NEVER = Long.MAX_VALUE;

  /** The clock's first moment: no grace lasts longer than that. */
  private static final long GRACE_OVER = 1;

  final byte[] key;
  final int hash;
  final SlotTable table;
  final int slot;
  final long length;
  final SaltLedger.Account salt;

  /** Next in the same bucket of the index. */
  @Nullable StoredObject chain;

  @Nullable StoredObject older;
  @Nullable StoredObject newer;

  /** Reads in progress. */
  int borrows;

  /** Locks held by sessions. */
  int locks;

  /**
   * Not 0 from the first EXISTS on: the object was promised to a client, perhaps to several. It is
   * in grace, that is safe from eviction, until the clock gets there or one of them has loaded it.
   */
  long graceUntil;

  /** {@link #NEVER}, or when it becomes a miss. */
  long expiresAt = NEVER;

  /** Which flushes it came after, see {@link SlotMetadata#era}. */
  byte era;

  /** Whether the index has it; if not it is retired and goes with its last borrow or lock. */
  boolean linked;

  StoredObject(ObjectKey key, SlotTable table, int slot, long length, SaltLedger.Account salt) {
    this.key = key.bytes();
    this.hash = key.hashCode();
    this.table = table;
    this.slot = slot;
    this.length = length;
    this.salt = salt;
  }

  boolean hasKey(ObjectKey other) {
    return hash == other.hashCode() && Arrays.equals(key, other.bytes());
  }

  boolean isPromised() {
    return graceUntil != 0;
  }

  boolean isGraced(long now) {
    return graceUntil > now;
  }

  /** After a load. The promise stays, for clients that have yet to load. */
  void endGrace() {
    if (graceUntil != 0) {
      graceUntil = GRACE_OVER;
    }
  }

  boolean isInUse() {
    return borrows > 0 || locks > 0;
  }
}
