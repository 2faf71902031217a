package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import io.daxtier.slot.SlotMetadata.EvictionReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One device's slots as the control plane sees them. Any thread may ask; the operations that change
 * the device (from {@link #limit} on) are for one thread at a time. Parts of a device are given as
 * the first slot that goes: 0 is all of it.
 */
public final class DeviceSlots {

  private static final long PART_PAUSE_NANOS = 5_000_000;

  private final SlotMetadata metadata;
  private final Sessions sessions;
  private final SlotTable table;

  DeviceSlots(SlotMetadata metadata, Sessions sessions, SlotTable table) {
    this.metadata = metadata;
    this.sessions = sessions;
    this.table = table;
  }

  public DaxDevice device() {
    return table.device;
  }

  /** Whole slots in that many bytes. */
  public long slotsFor(long sizeBytes) {
    return count(sizeBytes, metadata.options.slotBytes());
  }

  static int count(long sizeBytes, long slotBytes) {
    return (int) Math.min(sizeBytes / slotBytes, Integer.MAX_VALUE - 8);
  }

  /** Counts at this moment; those in grace are counted batch by batch while the store goes on. */
  public DeviceUsage usage() {
    long graced = graced();
    return metadata.locked(
        () ->
            new DeviceUsage(
                table.slots(),
                table.free(),
                table.reserved,
                table.committed,
                table.retired,
                table.borrowed,
                table.locked,
                graced,
                table.payloadBytes,
                active(Borrow.class),
                active(Reservation.class)));
  }

  private int active(Class<? extends Transfer> kind) {
    return (int)
        metadata.transfers.stream().filter(t -> t.table == table && kind.isInstance(t)).count();
  }

  private long graced() {
    long now = metadata.now();
    return countHolders(0, holder -> isObject(holder) && ((StoredObject) holder).isGraced(now));
  }

  /** Slots in the part that sessions hold locks on. */
  public long locked(long fromSlot) {
    return fromSlot == 0
        ? metadata.locked(() -> (long) table.locked)
        : countHolders(fromSlot, o -> o instanceof StoredObject object && object.locks > 0);
  }

  /** Slots in the part that are being read or written inside the service. */
  public long borrowed(long fromSlot) {
    return countHolders(
        fromSlot,
        o ->
            (o instanceof StoredObject object && object.borrows > 0)
                || (o instanceof Reservation reservation && !reservation.quarantined));
  }

  /** The sessions that hold a lock or a reservation in the part, or read or write there. */
  public List<SessionSnapshot> holders(long fromSlot) {
    return metadata.locked(() -> sessions.snapshots(sessions.holding(table, (int) fromSlot)));
  }

  /** The slot of the next object at or above {@code fromSlot}, -1 if there is none. */
  public long nextObject(long fromSlot) {
    return firstHolder(fromSlot, DeviceSlots::isObject);
  }

  /** Gives out no slot at or above {@code slotCount}; the full count undoes it. */
  public void limit(long slotCount) {
    metadata.runLocked(
        () -> {
          if (slotCount < 0 || slotCount > table.slots()) {
            throw new IllegalArgumentException(
                "limit must be 0 to " + table.slots() + ": " + slotCount);
          }
          table.limit((int) slotCount);
        });
  }

  /**
   * Moves the object in a slot to a free one: below the {@link #limit} of this device if the slot
   * lies above it, else on another device that takes objects. The object can be read throughout;
   * the copy is made without the lock.
   */
  public MoveResult move(long slot) {
    return new ObjectMove(metadata, sessions, table, (int) slot).run();
  }

  /** Drops the objects of the part that no session has locked; returns how many. */
  public long evict(long fromSlot) {
    long[] evicted = new long[1];
    eachObject(
        fromSlot,
        object -> {
          if (object.locks == 0) {
            metadata.evict(object, EvictionReason.OPERATOR, metadata.now());
            evicted[0]++;
          }
        });
    return evicted[0];
  }

  /**
   * Waits until nothing in the part is read, written, locked or retired any more; slots in
   * quarantine do not count.
   *
   * @return whether it came to that in time
   * @throws InterruptedException if the thread was
   */
  public boolean awaitIdle(long fromSlot, Duration timeout) throws InterruptedException {
    return fromSlot == 0 ? awaitIdle(timeout) : awaitPartIdle(fromSlot, timeout);
  }

  private boolean awaitIdle(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    metadata.lock.lockInterruptibly();
    try {
      while (isBusy()) {
        if (left <= 0) {
          return false;
        }
        left = metadata.released.awaitNanos(left);
      }
      return true;
    } finally {
      metadata.lock.unlock();
    }
  }

  /** To see whether a part is busy is to look at its slots, so not at every release. */
  private boolean awaitPartIdle(long fromSlot, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    while (firstHolder(fromSlot, DeviceSlots::isBusy) >= 0) {
      if (left <= 0) {
        return false;
      }
      long pause = Math.min(left, PART_PAUSE_NANOS);
      TimeUnit.NANOSECONDS.sleep(pause);
      left -= pause;
    }
    return true;
  }

  private boolean isBusy() {
    return table.reserved > table.quarantined
        || table.retired > 0
        || table.borrowed > 0
        || table.locked > 0;
  }

  private static boolean isBusy(Object holder) {
    return switch (holder) {
      case Reservation reservation -> !reservation.quarantined;
      case StoredObject object -> !object.linked || object.isInUse();
      default -> false;
    };
  }

  /** Takes the locks in the part away from their sessions; returns how many. */
  public long dropLocks(long fromSlot) {
    return metadata.locked(() -> sessions.dropLocks(table, (int) fromSlot));
  }

  /** Ends the sessions whose transfers or reservations still run in the part. */
  public void disconnectTransfers(long fromSlot) {
    metadata.locked(() -> sessions.transferring(table, (int) fromSlot)).forEach(sessions::end);
  }

  /**
   * How long a slot that the device once had may still be written to by a former client, if it
   * would have it again with that size.
   */
  public Optional<Duration> quarantined(long sizeBytes) {
    long newSlots = slotsFor(sizeBytes);
    return sessions.quarantined(r -> r.table == table && r.ended && r.slot < newSlots);
  }

  /**
   * Sets the device's size and so the number of its slots. Slots in quarantine do not hinder; see
   * {@link #quarantined} before the device grows over them again.
   *
   * @throws io.daxtier.memory.DaxMemoryException if the device is shorter; nothing has changed
   * @throws IllegalStateException if a slot that would go is in use
   */
  public void resize(long sizeBytes) {
    boolean grows = sizeBytes > table.device.sizeBytes();
    if (grows) {
      table.device.resize(sizeBytes);
    }
    // A device that grows may have got less than that, for its alignment.
    int newSlots = (int) slotsFor(grows ? table.device.sizeBytes() : sizeBytes);
    metadata.runLocked(
        () -> {
          int used = table.firstHolder(newSlots, table.touched(), DeviceSlots::isBusyOrLinked);
          if (used >= 0) {
            throw new IllegalStateException(device() + ": slot " + used + " is in use");
          }
          table.firstHolder(newSlots, table.touched(), this::abandon);
          table.resize(newSlots);
          metadata.index.prepare(metadata.index.size() + (long) table.free());
        });
    if (!grows) {
      table.device.resize(sizeBytes);
    }
  }

  private static boolean isBusyOrLinked(Object holder) {
    return isObject(holder) || isBusy(holder);
  }

  private boolean abandon(Object quarantined) {
    Reservation reservation = (Reservation) quarantined;
    reservation.ended = true;
    table.abandon(reservation);
    return false;
  }

  /**
   * Takes the device's slots away from the store. Slots in quarantine do not hinder.
   *
   * @throws IllegalStateException if it holds objects or is in use
   */
  public void detach() {
    metadata.locked(
        () -> {
          if (table.committed > 0 || isBusy()) {
            throw new IllegalStateException(device() + " is in use");
          }
          return metadata.tables.remove(table);
        });
  }

  /** Takes the device out of service, once. */
  void fail(Throwable cause) {
    if (device().fail(cause)) {
      dropAll();
    }
  }

  /** After a fault: unlinks all objects, takes away locks and the right to commit. */
  void dropAll() {
    metadata.runLocked(
        () -> {
          sessions.dropLocks(table, 0);
          sessions.closeReservations(table);
        });
    eachObject(0, object -> metadata.unlink(object, metadata.now()));
  }

  private static boolean isObject(Object holder) {
    return holder instanceof StoredObject object && object.linked;
  }

  /** Shows the part's objects to the visitor, which may take them out, with the lock held. */
  private void eachObject(long fromSlot, Consumer<StoredObject> visitor) {
    firstHolder(
        fromSlot,
        holder -> {
          if (isObject(holder)) {
            visitor.accept((StoredObject) holder);
          }
          return false;
        });
  }

  private long countHolders(long fromSlot, Predicate<Object> wanted) {
    long[] count = new long[1];
    firstHolder(
        fromSlot,
        holder -> {
          count[0] += wanted.test(holder) ? 1 : 0;
          return false;
        });
    return count[0];
  }

  /**
   * The first slot at or above {@code fromSlot} whose holder is wanted, -1 if there is none. Others
   * get the lock between batches, so this sees each slot at another moment.
   */
  private long firstHolder(long fromSlot, Predicate<Object> wanted) {
    long from = fromSlot;
    while (from < metadata.locked(table::touched)) {
      int start = (int) from;
      int end = (int) Math.min(from + SlotStore.BATCH, Integer.MAX_VALUE);
      int found = metadata.locked(() -> table.firstHolder(start, end, wanted));
      if (found >= 0) {
        return found;
      }
      from = end;
    }
    return -1;
  }
}
