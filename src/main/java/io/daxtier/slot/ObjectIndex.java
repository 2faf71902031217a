package io.daxtier.slot;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds objects by key and keeps them in order of recency. A chained hash table and a doubly linked
 * list threaded through the objects themselves: no node of its own per object, no allocation on any
 * path but growth. Guarded by the lock of {@link SlotMetadata}.
 */
final class ObjectIndex {

  private static final int MIN_BUCKETS = 1 << 10;
  private static final int MAX_BUCKETS = 1 << 28;

  /** Heap that an object needs with a key like LMCache's: no heap holds more than that allows. */
  private static final int HEAP_BYTES_PER_OBJECT = 256;

  /** Buckets that one scan looks at, so that others get the lock between. */
  static final int MAX_SCANNED_BUCKETS = 4096;

  private final int maxPrepared;
  private StoredObject[] buckets = new StoredObject[MIN_BUCKETS];
  private int size;
  private @Nullable StoredObject oldest;
  private @Nullable StoredObject newest;

  /** Walks that are between two batches. */
  private final List<OldestFirst> walks = new ArrayList<>();

  ObjectIndex() {
    this(Runtime.getRuntime().maxMemory());
  }

  ObjectIndex(long heapBytes) {
    long objects = Math.clamp(heapBytes / HEAP_BYTES_PER_OBJECT, MIN_BUCKETS, MAX_BUCKETS);
    maxPrepared = (int) Long.highestOneBit(objects);
  }

  int size() {
    return size;
  }

  int buckets() {
    return buckets.length;
  }

  @Nullable StoredObject oldest() {
    return oldest;
  }

  @Nullable StoredObject find(ObjectKey key) {
    StoredObject object = buckets[bucket(key.hashCode())];
    while (object != null && !object.hasKey(key)) {
      object = object.chain;
    }
    return object;
  }

  /** Adds an object whose key is not there, as the newest. */
  void add(StoredObject object) {
    if (size == buckets.length && buckets.length < MAX_BUCKETS) {
      rehash(buckets.length << 1);
    }
    chain(object);
    append(object);
    size++;
    object.linked = true;
  }

  void remove(StoredObject object) {
    unchain(object);
    detach(object);
    size--;
    object.linked = false;
  }

  /** Puts an object of the same key in the place of another, in the order of recency too. */
  void replace(StoredObject old, StoredObject replacement) {
    unchain(old);
    chain(replacement);
    StoredObject older = old.older;
    detach(old);
    insertAfter(older, replacement);
    old.linked = false;
    replacement.linked = true;
  }

  /** Makes an object the newest. */
  void refresh(StoredObject object) {
    if (object != newest) {
      detach(object);
      append(object);
    }
  }

  /** Keeps a walk where it is while objects come, go and are refreshed. */
  void follow(OldestFirst walk) {
    walks.add(walk);
  }

  boolean unfollow(OldestFirst walk) {
    return walks.remove(walk);
  }

  /**
   * Prepares for that many objects, as far as the heap could hold them, so that the table need not
   * grow while others wait. A large device with small slots has more slots than that.
   */
  void prepare(long objects) {
    int length = buckets.length;
    while (length < objects && length < maxPrepared) {
      length <<= 1;
    }
    if (length > buckets.length) {
      rehash(length);
    }
  }

  /**
   * Visits the objects of at least one bucket and goes on until {@code count} were taken, or many
   * buckets were empty. The cursor counts with its bits reversed, as in Redis, so that an object
   * that stays is met at least once even if the table grows between calls.
   *
   * @return where to go on, 0 at the end
   */
  long scan(long cursor, int count, Predicate<StoredObject> visitor) {
    long mask = buckets.length - 1L;
    long at = cursor;
    int taken = 0;
    int scanned = 0;
    do {
      for (StoredObject o = buckets[(int) (at & mask)]; o != null; o = o.chain) {
        if (visitor.test(o)) {
          taken++;
        }
      }
      at = Long.reverse(Long.reverse(at | ~mask) + 1);
      scanned++;
    } while (at != 0 && taken < count && scanned < MAX_SCANNED_BUCKETS);
    return at;
  }

  private int bucket(int hash) {
    return hash & (buckets.length - 1);
  }

  private void chain(StoredObject object) {
    int bucket = bucket(object.hash);
    object.chain = buckets[bucket];
    buckets[bucket] = object;
  }

  @SuppressWarnings("NullAway") // array elements are null where a bucket is empty
  private void unchain(StoredObject object) {
    int bucket = bucket(object.hash);
    if (buckets[bucket] == object) {
      buckets[bucket] = object.chain;
    } else {
      StoredObject before = buckets[bucket];
      while (before.chain != object) {
        before = before.chain;
      }
      before.chain = object.chain;
    }
    object.chain = null;
  }

  private void append(StoredObject object) {
    insertAfter(newest, object);
  }

  private void insertAfter(@Nullable StoredObject older, StoredObject object) {
    StoredObject newer = older == null ? oldest : older.newer;
    object.older = older;
    object.newer = newer;
    if (older == null) {
      oldest = object;
    } else {
      older.newer = object;
    }
    if (newer == null) {
      newest = object;
    } else {
      newer.older = object;
    }
  }

  private void detach(StoredObject object) {
    for (int i = 0; i < walks.size(); i++) {
      if (walks.get(i).passed == object) {
        walks.get(i).passed = object.older;
      }
    }
    if (object.older == null) {
      oldest = object.newer;
    } else {
      object.older.newer = object.newer;
    }
    if (object.newer == null) {
      newest = object.older;
    } else {
      object.newer.older = object.older;
    }
    object.older = null;
    object.newer = null;
  }

  private void rehash(int length) {
    buckets = new StoredObject[length];
    for (StoredObject object = oldest; object != null; object = object.newer) {
      chain(object);
    }
  }
}
