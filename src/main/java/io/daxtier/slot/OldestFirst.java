package io.daxtier.slot;

import io.daxtier.slot.SlotMetadata.EvictionReason;
import org.jspecify.annotations.Nullable;

/**
 * Evicts in order of recency, passing over what is locked or in grace. Takes the lock for a batch
 * of objects at a time and goes on from the one it last passed over.
 */
final class OldestFirst {

  private final SlotMetadata metadata;
  private @Nullable StoredObject passed;
  private boolean done;

  OldestFirst(SlotMetadata metadata) {
    this.metadata = metadata;
  }

  long evict(long count) {
    long evicted = 0;
    while (!done && evicted < count) {
      metadata.lock.lock();
      try {
        evicted += batch(count - evicted);
      } finally {
        metadata.lock.unlock();
      }
    }
    return evicted;
  }

  private long batch(long count) {
    long now = metadata.now();
    StoredObject next = passed != null && passed.linked ? passed.newer : metadata.index.oldest();
    long evicted = 0;
    for (int seen = 0; seen < SlotStore.BATCH && evicted < count; seen++) {
      if (next == null) {
        done = true;
        break;
      }
      StoredObject object = next;
      next = object.newer;
      if (object.locks > 0 || object.isGraced(now)) {
        passed = object;
      } else {
        metadata.evict(object, EvictionReason.WATERMARK, now);
        evicted++;
      }
    }
    return evicted;
  }
}
