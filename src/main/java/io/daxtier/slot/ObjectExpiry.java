package io.daxtier.slot;

import io.daxtier.slot.SlotMetadata.EvictionReason;
import java.time.Duration;

/**
 * When objects become misses by themselves: the times to live that Redis's commands set. An expired
 * object is a miss at once, its slot is free at the latest after the next {@link #expireDue}. Any
 * thread may call it; every method takes the store's lock.
 */
public final class ObjectExpiry {

  private final SlotMetadata metadata;

  ObjectExpiry(SlotMetadata metadata) {
    this.metadata = metadata;
  }

  /** Milliseconds until the object expires, rounded up; -1 if never, -2 if it is not there. */
  public long remainingMillis(ObjectKey key) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          if (object == null) {
            return -2L;
          }
          return object.expiresAt == StoredObject.NEVER
              ? -1L
              : Math.ceilDiv(object.expiresAt - now, 1_000_000L);
        });
  }

  /** Sets when an object becomes a miss; at once if that is not in the future. */
  public boolean expireAfter(ObjectKey key, Duration timeToLive) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          if (object == null) {
            return false;
          }
          if (timeToLive.isPositive()) {
            metadata.expireAt(object, SlotMetadata.deadline(now, timeToLive));
          } else {
            metadata.unlink(object, now);
          }
          return true;
        });
  }

  /** Takes the time to live away; whether there was one. */
  public boolean persist(ObjectKey key) {
    return metadata.locked(
        () -> {
          StoredObject object = metadata.find(key, metadata.now());
          if (object == null || object.expiresAt == StoredObject.NEVER) {
            return false;
          }
          metadata.expireAt(object, StoredObject.NEVER);
          return true;
        });
  }

  /** Objects that have a time to live. */
  public long objectCount() {
    return metadata.locked(() -> (long) metadata.expiries.size());
  }

  /** Frees what has expired; returns how many objects that were. */
  public long expireDue() {
    long expired = 0;
    int gone;
    do {
      gone = metadata.locked(this::expireBatch);
      expired += gone;
    } while (gone == SlotStore.BATCH);
    return expired;
  }

  private int expireBatch() {
    long now = metadata.now();
    metadata.promises.expire(now);
    int gone = 0;
    while (gone < SlotStore.BATCH
        && !metadata.expiries.isEmpty()
        && metadata.expiries.first().expiresAt <= now) {
      metadata.evict(metadata.expiries.first(), EvictionReason.EXPIRED, now);
      gone++;
    }
    return gone;
  }
}
