package io.daxtier.slot;

import io.daxtier.slot.Lease.HeldLock;
import io.daxtier.slot.Lease.HeldReservation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client connection and what it holds: locks on objects whose address it was given, and slots
 * reserved for it to write to. Any thread may call it. Every token is good once and for this
 * session alone; anything else answers false and changes nothing.
 */
public final class Session implements AutoCloseable {

  final long id;
  final String peer;
  final Optional<ProcessHandle> process;
  final Runnable disconnect;

  /** By token, oldest first. Guarded by the metadata lock, as all below. */
  final Map<String, Lease> leases = new LinkedHashMap<>();

  int locks;
  int reservations;
  boolean ended;

  private final SlotMetadata metadata;
  private final Sessions sessions;
  private final long secret;
  private long tokens;

  Session(
      SlotMetadata metadata,
      Sessions sessions,
      long id,
      String peer,
      Optional<ProcessHandle> process,
      Runnable disconnect,
      long secret) {
    this.metadata = metadata;
    this.sessions = sessions;
    this.id = id;
    this.peer = peer;
    this.process = process;
    this.disconnect = disconnect;
    this.secret = secret;
  }

  /** Unique in the life of the store; the connection's CLIENT ID. */
  public long id() {
    return id;
  }

  /**
   * Reserves a slot for the client to write to.
   *
   * @throws IllegalArgumentException if the length is negative or above the slot's
   */
  public GrantResult reserve(ObjectKey key, long lengthBytes) {
    if (lengthBytes < 0 || lengthBytes > metadata.options.slotBytes()) {
      throw new IllegalArgumentException(
          "length must be 0 to " + metadata.options.slotBytes() + ": " + lengthBytes);
    }
    try (OldestFirst victims = new OldestFirst(metadata)) {
      GrantResult result;
      do {
        result = metadata.locked(() -> tryReserve(key, lengthBytes, victims));
      } while (result == GrantRefusal.NO_ROOM && !victims.hasEnded());
      return result;
    }
  }

  private GrantResult tryReserve(ObjectKey key, long lengthBytes, OldestFirst victims) {
    long now = metadata.now();
    StoredObject existing = metadata.find(key, now);
    if (existing != null) {
      metadata.refresh(existing);
      return GrantRefusal.EXISTS;
    }
    if (!sessions.mayAdd(this)) {
      victims.end();
      return GrantRefusal.NO_ROOM;
    }
    Reservation reservation = metadata.reserve(this, key, lengthBytes, victims);
    if (reservation == null) {
      return GrantRefusal.NO_ROOM;
    }
    String token = token(reservation.table, reservation.slot);
    sessions.add(new HeldReservation(this, token, now, reservation));
    return grant(reservation.table, reservation.slot, lengthBytes, token);
  }

  /**
   * Publishes reservations one after another; a key that is there already keeps its bytes, which is
   * success too. False means that the right to commit was lost.
   */
  public boolean[] commit(List<String> tokens) {
    boolean[] good = new boolean[tokens.size()];
    List<ObjectKey> keys = new ArrayList<>();
    for (int i = 0; i < good.length; i++) {
      String token = tokens.get(i);
      ObjectKey key = metadata.locked(() -> commitOne(token));
      good[i] = key != null && keys.add(key);
    }
    stored(keys);
    return good;
  }

  private @Nullable ObjectKey commitOne(String token) {
    if (!(leases.get(token) instanceof HeldReservation held) || !sessions.isGood(held)) {
      return null;
    }
    sessions.remove(held);
    Reservation reservation = held.reservation;
    return metadata.commit(reservation, StoreMode.KEEP_EXISTING, null) == CommitResult.LOST
        ? null
        : reservation.key;
  }

  /**
   * Says that these objects were stored, or were there already, as one batch: they become the
   * newest, the first of them last, so that a prompt's tail goes before its head.
   */
  public void stored(List<ObjectKey> batch) {
    if (batch.size() > 1) {
      metadata.runLocked(
          () -> {
            long now = metadata.now();
            for (ObjectKey key : batch.reversed()) {
              StoredObject object = metadata.find(key, now);
              if (object != null) {
                metadata.refresh(object);
              }
            }
          });
    }
  }

  /** Gives a reservation back, also one that has expired: the client has stopped writing. */
  public boolean abort(String token) {
    return metadata.locked(
        () -> {
          if (!(leases.get(token) instanceof HeldReservation held)) {
            return false;
          }
          sessions.remove(held);
          metadata.abort(held.reservation);
          return true;
        });
  }

  /** Locks an object and tells its address; null if it is not there. */
  public @Nullable Grant lookup(ObjectKey key) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          if (object == null || !sessions.mayAdd(this)) {
            return null;
          }
          metadata.addLock(object);
          String token = token(object.table, object.slot);
          sessions.add(new HeldLock(this, token, now, object));
          return grant(object.table, object.slot, object.length, token);
        });
  }

  /** Moves the deadline of a lock or reservation; false if it was lost. */
  public boolean renew(String token) {
    return metadata.locked(
        () -> {
          Lease lease = leases.get(token);
          if (lease == null || !sessions.isGood(lease)) {
            return false;
          }
          sessions.renew(lease);
          return true;
        });
  }

  /**
   * Ends locks. True means that the bytes were the object's all the time; the objects become the
   * newest, the first of them last.
   */
  public boolean[] unlock(List<String> unlocked) {
    return metadata.locked(
        () -> {
          boolean[] good = new boolean[unlocked.size()];
          List<StoredObject> objects = new ArrayList<>();
          for (int i = 0; i < good.length; i++) {
            if (leases.get(unlocked.get(i)) instanceof HeldLock held && sessions.isGood(held)) {
              sessions.remove(held);
              metadata.endLock(held.object);
              objects.add(held.object);
              good[i] = true;
            }
          }
          for (StoredObject object : objects.reversed()) {
            metadata.refresh(object);
          }
          return good;
        });
  }

  /** The connection has ended: its locks are gone and its reserved slots free. Idempotent. */
  @Override
  public void close() {
    metadata.runLocked(() -> sessions.close(this));
  }

  SessionSnapshot snapshot(long now) {
    return new SessionSnapshot(id, peer, locks, reservations, Sessions.age(oldest(now), now));
  }

  /** Since when the oldest lease is held. */
  long oldest(long now) {
    return leases.isEmpty() ? now : leases.values().iterator().next().since;
  }

  private Grant grant(SlotTable table, int slot, long lengthBytes, String token) {
    return new Grant(table.device.id(), metadata.address(slot), lengthBytes, token);
  }

  /**
   * Device, slot, generation, session and epoch, and 64 bits that no other session can guess. The
   * session's own table of leases is what a token is checked against.
   */
  private String token(SlotTable table, int slot) {
    long mixed = secret + ++tokens * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return Integer.toHexString(table.device.id())
        + '.'
        + Integer.toHexString(slot)
        + '.'
        + Integer.toHexString(table.generation(slot))
        + '.'
        + Long.toHexString(id)
        + '.'
        + sessions.epoch()
        + '.'
        + Long.toHexString(mixed ^ mixed >>> 31);
  }
}
