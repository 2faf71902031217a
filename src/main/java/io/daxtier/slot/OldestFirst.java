package io.daxtier.slot;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A walk over the objects in order of recency in search of some to evict. It looks at a batch of
 * them at a time, so that others get the lock between, and goes on behind the one it last passed
 * over, wherever the others have gone meanwhile. For one thread; all but {@link #close} with the
 * lock of {@link SlotMetadata} held.
 */
final class OldestFirst implements AutoCloseable {

  private final SlotMetadata metadata;

  /** The last object that was not wanted, null at the beginning. Kept by the index too. */
  @Nullable StoredObject passed;

  private long left = -1;
  private int batchLeft;
  private boolean followed;

  OldestFirst(SlotMetadata metadata) {
    this.metadata = metadata;
  }

  /** Begins a batch. */
  void begin() {
    batchLeft = SlotStore.BATCH;
    if (left < 0) {
      left = metadata.index.size();
    }
  }

  /** The next object that is wanted; null if there is none, or none in this batch. */
  @Nullable StoredObject next(Predicate<StoredObject> wanted) {
    StoredObject object = passed == null ? metadata.index.oldest() : passed.newer;
    for (; object != null && left > 0 && batchLeft > 0; object = object.newer) {
      left--;
      batchLeft--;
      if (wanted.test(object)) {
        return object;
      }
      passed = object;
    }
    if (object == null) {
      left = 0;
    } else if (left > 0 && !followed) {
      followed = true;
      metadata.index.follow(this);
    }
    return null;
  }

  /** Looks no further. */
  void end() {
    left = 0;
  }

  /** Whether there is nothing left to look at. */
  boolean hasEnded() {
    return left == 0;
  }

  /** Takes the lock if the walk took more than one batch. */
  @Override
  public void close() {
    if (followed) {
      metadata.locked(() -> metadata.index.unfollow(this));
    }
  }
}
