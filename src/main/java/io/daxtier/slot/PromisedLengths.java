package io.daxtier.slot;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Lengths of objects that EXISTS had promised and that are gone or were replaced since. A client
 * that reads by fixed length needs an answer as long as the one it expects (see the RESP data
 * plane). Bounded in number and time; guarded by the lock of {@link SlotMetadata}.
 */
final class PromisedLengths {

  static final int MAX_PROMISES = 65_536;
  static final long KEPT_NANOS = 600_000_000_000L;

  private record Promise(long lengthBytes, long until) {}

  private final Map<ObjectKey, Promise> promises =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, Promise> eldest) {
          return size() > MAX_PROMISES;
        }
      };

  void remember(ObjectKey key, long lengthBytes, long now) {
    promises.remove(key);
    promises.put(key, new Promise(lengthBytes, now + KEPT_NANOS));
  }

  /** A new EXISTS makes the old promise void. */
  void forget(ObjectKey key) {
    promises.remove(key);
  }

  OptionalLong of(ObjectKey key, long now) {
    Promise promise = promises.get(key);
    return promise == null || promise.until() <= now
        ? OptionalLong.empty()
        : OptionalLong.of(promise.lengthBytes());
  }

  /** Drops those whose time is over; they are in order of time, so it looks at no others. */
  void expire(long now) {
    Iterator<Promise> eldest = promises.values().iterator();
    while (eldest.hasNext() && eldest.next().until() <= now) {
      eldest.remove();
    }
  }
}
