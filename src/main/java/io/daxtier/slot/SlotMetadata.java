package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All metadata of a {@link SlotStore}: which objects there are, where they lie, who uses them. One
 * lock guards everything reachable from here; every method below is called with it held. Under it
 * there is no copy, no I/O and no callback, so that a lookup waits for microseconds whatever else
 * goes on.
 */
final class SlotMetadata {

  final ReentrantLock lock = new ReentrantLock();

  /** Signalled when a borrow, reservation, lock or retired slot ends. */
  final Condition released = lock.newCondition();

  final SlotStoreOptions options;
  final ObjectIndex index = new ObjectIndex();
  final SaltLedger salts = new SaltLedger();
  final PromisedLengths promises = new PromisedLengths();
  final List<SlotTable> tables = new ArrayList<>();
  final Set<Transfer> transfers = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Objects with a time to live, the next to expire first. */
  final TreeSet<StoredObject> expiries =
      new TreeSet<>(
          Comparator.comparingLong((StoredObject o) -> o.expiresAt)
              .thenComparingInt(o -> o.table.device.id())
              .thenComparingInt(o -> o.slot));

  /**
   * Counts the flushes. Objects of an earlier one are to go: they are no longer refreshed, and so
   * stand before all others in the order of recency.
   */
  byte era;

  OptionalLong lastStoredLength = OptionalLong.empty();
  final Map<EvictionReason, Long> evictions = new EnumMap<>(EvictionReason.class);

  private final LongSupplier nanoClock;
  private final long origin;

  enum EvictionReason {
    WATERMARK,
    DEMAND,
    EXPIRED,
    OPERATOR
  }

  SlotMetadata(SlotStoreOptions options, LongSupplier nanoClock) {
    this.options = options;
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong() - 1;
  }

  /** Runs the action under the lock. */
  void runLocked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** What the action returns, run under the lock. */
  <T extends @Nullable Object> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds since the store began; positive. The one method that needs no lock. */
  long now() {
    return nanoClock.getAsLong() - origin;
  }

  /** Bytes from the start of a device to a slot; needs no lock either. */
  long address(int slot) {
    return slot * options.slotBytes();
  }

  /** The object, if it can be read: expired ones and those of a failed device go here. */
  @Nullable StoredObject find(ObjectKey key, long now) {
    StoredObject object = index.find(key);
    if (object == null) {
      return null;
    }
    if (object.expiresAt <= now) {
      evict(object, EvictionReason.EXPIRED, now);
      return null;
    }
    if (!object.table.device.state().isUsable()) {
      unlink(object, now);
      return null;
    }
    return object;
  }

  /**
   * A free slot on the least used device that takes objects, made free by eviction if need be; null
   * if there is none, or if the walk over those that could be evicted has not ended yet.
   */
  @Nullable Reservation reserve(
      @Nullable Session session, ObjectKey key, long length, OldestFirst victims) {
    SlotTable table = leastUsed(null);
    if (table == null && options.evictOnDemand()) {
      table = evictOneFor(key, victims);
    } else if (table == null) {
      victims.end();
    }
    return table == null ? null : take(table, session, key, length);
  }

  Reservation take(SlotTable table, @Nullable Session session, ObjectKey key, long length) {
    int slot = table.take();
    Reservation reservation = new Reservation(this, session, table, slot, key, length);
    table.hold(slot, reservation);
    transfers.add(reservation);
    return reservation;
  }

  CommitResult commit(Reservation reservation, StoreMode mode, @Nullable Duration timeToLive) {
    if (!reservation.open || !reservation.table.device.state().isUsable()) {
      abort(reservation);
      return CommitResult.LOST;
    }
    long now = now();
    StoredObject existing = find(reservation.key, now);
    boolean wanted =
        switch (mode) {
          case REPLACE -> true;
          case KEEP_EXISTING, IF_ABSENT -> existing == null;
          case IF_PRESENT -> existing != null;
        };
    if (!wanted) {
      abort(reservation);
      if (mode == StoreMode.KEEP_EXISTING && existing != null) {
        refresh(existing);
        return CommitResult.KEPT;
      }
      return CommitResult.CONDITION_FAILED;
    }
    if (existing != null) {
      unlink(existing, now);
    }
    StoredObject object = publish(reservation);
    index.add(object);
    if (timeToLive != null) {
      expireAt(object, deadline(now, timeToLive));
    }
    lastStoredLength = OptionalLong.of(object.length);
    return CommitResult.STORED;
  }

  /** Reserved to committed, not yet in the index. */
  private StoredObject publish(Reservation reservation) {
    StoredObject object =
        new StoredObject(
            reservation.key,
            reservation.table,
            reservation.slot,
            reservation.length,
            salts.charge(reservation.key, reservation.length));
    object.era = era;
    reservation.table.publish(object);
    end(reservation);
    return object;
  }

  void abort(Reservation reservation) {
    if (!reservation.ended) {
      reservation.table.freeReserved(reservation.slot);
      end(reservation);
    }
  }

  private void end(Reservation reservation) {
    reservation.open = false;
    reservation.ended = true;
    transfers.remove(reservation);
    released.signalAll();
  }

  Borrow borrow(@Nullable Session session, StoredObject object) {
    if (object.borrows++ == 0) {
      object.table.borrowed++;
    }
    Borrow borrow = new Borrow(this, session, object);
    transfers.add(borrow);
    return borrow;
  }

  void endBorrow(Borrow borrow) {
    StoredObject object = borrow.object;
    transfers.remove(borrow);
    if (--object.borrows == 0) {
      object.table.borrowed--;
    }
    freeIfUnused(object);
  }

  /** Makes an object the newest, unless it has gone or is about to be flushed. */
  void refresh(StoredObject object) {
    if (object.linked && object.era == era) {
      index.refresh(object);
    }
  }

  void addLock(StoredObject object) {
    if (object.locks++ == 0) {
      object.table.locked++;
    }
  }

  void endLock(StoredObject object) {
    if (--object.locks == 0) {
      object.table.locked--;
    }
    freeIfUnused(object);
  }

  /** Takes an object out of the index; its slot is free as soon as nobody uses it. */
  void unlink(StoredObject object, long now) {
    if (object.isPromised()) {
      promises.remember(ObjectKey.of(object), object.length, now);
    }
    index.remove(object);
    retire(object);
  }

  private void retire(StoredObject object) {
    expireAt(object, StoredObject.NEVER);
    salts.credit(object);
    object.table.retire(object);
    freeIfUnused(object);
  }

  private void freeIfUnused(StoredObject object) {
    if (!object.linked && !object.isInUse()) {
      object.table.freeRetired(object);
    }
    released.signalAll();
  }

  void evict(StoredObject object, EvictionReason reason, long now) {
    unlink(object, now);
    evictions.merge(reason, 1L, Long::sum);
  }

  /** Puts a copy of a moved object, already written, in the place of the original. */
  void swap(StoredObject original, Reservation copy) {
    StoredObject moved = publish(copy);
    moved.graceUntil = original.graceUntil;
    moved.era = original.era;
    index.replace(original, moved);
    long expiresAt = original.expiresAt;
    retire(original);
    expireAt(moved, expiresAt);
  }

  void expireAt(StoredObject object, long at) {
    if (object.expiresAt != StoredObject.NEVER) {
      expiries.remove(object);
    }
    object.expiresAt = at;
    if (at != StoredObject.NEVER) {
      expiries.add(object);
    }
  }

  /** A point in time after a duration, without overflow. */
  static long deadline(long now, Duration after) {
    long nanos;
    try {
      nanos = after.toNanos();
    } catch (ArithmeticException e) {
      return StoredObject.NEVER - 1;
    }
    return Math.min(now + Math.max(0, Math.min(nanos, StoredObject.NEVER / 2)), StoredObject.NEVER);
  }

  /** The least used device with room that takes objects, first on ties; not {@code except}. */
  @Nullable SlotTable leastUsed(@Nullable SlotTable except) {
    SlotTable best = null;
    for (SlotTable table : tables) {
      if (table != except
          && table.hasRoom()
          && table.device.state().takesReservations()
          && (best == null
              || (long) table.used() * best.slots() < (long) best.used() * table.slots())) {
        best = table;
      }
    }
    return best;
  }

  /** Evicts the oldest object whose slot can be used at once, never the one to be replaced. */
  private @Nullable SlotTable evictOneFor(ObjectKey key, OldestFirst victims) {
    long now = now();
    victims.begin();
    StoredObject victim =
        victims.next(
            o ->
                o.table.device.state().takesReservations()
                    && o.slot < o.table.limit()
                    && !o.isInUse()
                    && !o.isGraced(now)
                    && !o.hasKey(key));
    if (victim == null) {
      return null;
    }
    evict(victim, EvictionReason.DEMAND, now);
    return victim.table;
  }

  SlotTable table(DaxDevice device) {
    for (SlotTable table : tables) {
      if (table.device == device) {
        return table;
      }
    }
    throw new IllegalArgumentException(device + " is not attached");
  }
}
