package io.daxtier.reconfigure.dax;

import io.daxtier.reconfigure.ReconfigureException;
import io.daxtier.reconfigure.dax.DaxRequest.Mode;
import io.daxtier.slot.DeviceSlots;
import io.daxtier.slot.MoveResult;
import io.daxtier.slot.SessionSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The emptying of one device's slots from some slot on, while everything is being served. Whoever
 * runs it has seen to it that no new reservation is made there. For one thread, once.
 *
 * <p>It goes over the objects, moving or dropping each that is not locked, and again over what was
 * locked or committed meanwhile, until the slots are empty and nobody uses them. What was moved or
 * dropped when it fails stays so, and the next one goes on from there.
 */
final class Evacuation {

  /** How long a pass over what is left waits for it to come free. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** How long closed connections may take to let go of what they used. */
  private static final Duration DISCONNECT_GRACE = Duration.ofSeconds(5);

  private final DeviceSlots slots;
  private final long fromSlot;
  private final Mode mode;
  private final boolean force;
  private final BooleanSupplier stopping;
  private final LongSupplier nanoClock;

  private long movedObjects;
  private long movedBytes;
  private long deletedObjects;

  Evacuation(
      DeviceSlots slots,
      long fromSlot,
      Mode mode,
      boolean force,
      BooleanSupplier stopping,
      LongSupplier nanoClock) {
    this.slots = slots;
    this.fromSlot = fromSlot;
    this.mode = mode;
    this.force = force;
    this.stopping = stopping;
    this.nanoClock = nanoClock;
  }

  long movedObjects() {
    return movedObjects;
  }

  /** Payload bytes of the moved objects. */
  long movedBytes() {
    return movedBytes;
  }

  long deletedObjects() {
    return deletedObjects;
  }

  /**
   * Refuses if a session holds a lock in the way, which only force ends.
   *
   * @throws ReconfigureException 409 with the counts and who it is
   */
  void requireUnlocked() {
    if (!force && slots.locked(fromSlot) > 0) {
      throw blocked();
    }
  }

  /**
   * Empties the slots.
   *
   * @param drainTimeout how long to wait for reads, writes and locks after the first pass; with
   *     force, connections that still use the slots are closed then
   * @throws ReconfigureException 409 if they do not come free in time or a device fails, 507 if
   *     there is no room elsewhere, 503 if the service stops
   */
  void run(Duration drainTimeout) {
    requireUnlocked();
    pass();
    boolean disconnected = false;
    long deadline = nanoClock.getAsLong() + drainTimeout.toNanos();
    while (!isEmpty()) {
      if (nanoClock.getAsLong() - deadline >= 0) {
        if (!force || disconnected) {
          throw blocked();
        }
        slots.disconnectTransfers(fromSlot);
        disconnected = true;
        deadline = nanoClock.getAsLong() + DISCONNECT_GRACE.toNanos();
      }
      pass();
    }
  }

  /**
   * Whether nothing is left. Idle means that no reservation can still become an object; then no
   * object means that no new borrow or lock can begin; then idle again means that the last ended.
   */
  private boolean isEmpty() {
    try {
      return slots.awaitIdle(fromSlot, PAUSE)
          && slots.nextObject(fromSlot) < 0
          && slots.awaitIdle(fromSlot, Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Turnstile.stopping();
    }
  }

  private void pass() {
    requireRunning();
    if (force) {
      slots.dropLocks(fromSlot);
    }
    if (mode == Mode.EVICT) {
      deletedObjects += slots.evict(fromSlot);
      return;
    }
    for (long slot = slots.nextObject(fromSlot); slot >= 0; slot = slots.nextObject(slot + 1)) {
      requireRunning();
      move(slot);
    }
  }

  private void move(long slot) {
    MoveResult result = slots.move(slot);
    switch (result.outcome()) {
      case MOVED -> {
        movedObjects++;
        movedBytes += result.bytes();
      }
      case GONE, LOCKED -> {
        // Nothing to do, or not yet: the next pass looks again.
      }
      case NO_DESTINATION ->
          throw new ReconfigureException(507, "no active destination DAX capacity");
      case NO_ROOM -> throw new ReconfigureException(507, "insufficient destination DAX capacity");
      case SOURCE_FAULT -> throw new ReconfigureException(409, "migration source copy failed");
      case TARGET_FAULT -> throw new ReconfigureException(409, "migration destination copy failed");
    }
  }

  private void requireRunning() {
    if (stopping.getAsBoolean()) {
      throw Turnstile.stopping();
    }
  }

  private ReconfigureException blocked() {
    List<Map<String, Object>> sessions =
        slots.holders(fromSlot).stream().map(Evacuation::session).toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", "blocked");
    body.put("reason", "device has externally locked or borrowed slots");
    body.put("locked_key_count", slots.locked(fromSlot));
    body.put("borrowed_slot_count", slots.borrowed(fromSlot));
    body.put("sessions", sessions);
    return new ReconfigureException(409, body);
  }

  private static Map<String, Object> session(SessionSnapshot holder) {
    Map<String, Object> session = new LinkedHashMap<>();
    session.put("id", holder.id());
    session.put("peer", holder.peer());
    session.put("locks", holder.locks());
    session.put("reservations", holder.reservations());
    session.put("oldest_ms", holder.oldest().toMillis());
    return session;
  }
}
