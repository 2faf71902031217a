package io.daxtier.slot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A slot being written: {@link #commit} makes it an object, {@link #close} without one a free slot.
 * For one thread.
 */
public final class Reservation extends Transfer implements ReserveResult {

  final ObjectKey key;

  /** Whether it may still be committed. Guarded by the metadata lock. */
  boolean open = true;

  /** Whether its slot is held back although its session is gone. Guarded by the metadata lock. */
  boolean quarantined;

  /**
   * Whether its slot is free again, an object's, or no longer the device's. Guarded by the metadata
   * lock.
   */
  boolean ended;

  Reservation(
      SlotMetadata metadata,
      @Nullable Session session,
      SlotTable table,
      int slot,
      ObjectKey key,
      long length) {
    super(metadata, session, table, slot, length);
    this.key = key;
  }

  /**
   * Publishes what was written, at once and whole, unless the mode or the device says otherwise; in
   * any case the reservation has ended.
   *
   * @param timeToLive after which the object is a miss; null for none
   */
  public CommitResult commit(StoreMode mode, @Nullable Duration timeToLive) {
    metadata.lock.lock();
    try {
      return metadata.commit(this, mode, timeToLive);
    } finally {
      metadata.lock.unlock();
    }
  }

  /** Gives the slot back unless it was committed; idempotent. */
  @Override
  public void close() {
    metadata.lock.lock();
    try {
      metadata.abort(this);
    } finally {
      metadata.lock.unlock();
    }
  }
}
