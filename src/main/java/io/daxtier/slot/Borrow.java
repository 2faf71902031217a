package io.daxtier.slot;

import org.jspecify.annotations.Nullable;

/**
 * A read in progress: the object's bytes stay until it is closed, even if the object is deleted,
 * replaced or moved meanwhile. For one thread.
 */
public final class Borrow extends Transfer {

  final StoredObject object;
  private boolean closed;

  Borrow(SlotMetadata metadata, @Nullable Session session, StoredObject object) {
    super(metadata, session, object.table, object.slot, object.length);
    this.object = object;
  }

  /** Ends the read; idempotent. */
  @Override
  public void close() {
    metadata.lock.lock();
    try {
      if (!closed) {
        closed = true;
        metadata.endBorrow(this);
      }
    } finally {
      metadata.lock.unlock();
    }
  }
}
