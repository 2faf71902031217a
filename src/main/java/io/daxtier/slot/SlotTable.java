package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one device: who holds each, which are free, and how many are in which state. Guarded
 * by the lock of {@link SlotMetadata}; every change of a slot's state is one of the methods here.
 *
 * <pre>
 *          take            publish           retire            free
 *   free ---------> reserved ------> committed ------> retired ------> free
 *                      |                                                 ^
 *                      +------------------ free -------------------------+
 * </pre>
 *
 * A slot's generation counts its uses and changes when it is taken. Heap grows with the slots that
 * were ever used, not with the size of the device.
 */
final class SlotTable {

  final DaxDevice device;
  private int slots;

  /** Slots at or above it are not given out; below {@link #slots} while the device shrinks. */
  private int limit;

  /** A {@link Reservation}, a {@link StoredObject} (retired ones too) or null, by slot. */
  private @Nullable Object[] holders = new Object[64];

  private int[] generations = new int[64];
  private int[] freed = new int[64];
  private int freedCount;

  /** Slots from here on were never used. */
  private int fresh;

  int reserved;
  int committed;
  int retired;

  /** Slots with at least one borrow. */
  int borrowed;

  /** Slots with at least one lock. */
  int locked;

  /** Reserved slots that are held back because their session was ended under them. */
  int quarantined;

  long payloadBytes;

  SlotTable(DaxDevice device, int slots) {
    this.device = device;
    this.slots = slots;
    this.limit = slots;
  }

  int slots() {
    return slots;
  }

  int limit() {
    return limit;
  }

  int used() {
    return reserved + committed + retired;
  }

  int free() {
    return slots - used();
  }

  boolean hasRoom() {
    return freedCount > 0 || fresh < limit;
  }

  /** Slots that were ever used: no slot at or above this has a holder. */
  int touched() {
    return fresh;
  }

  @Nullable Object holder(int slot) {
    return slot < fresh ? holders[slot] : null;
  }

  /** The object that the index has in a slot. */
  @Nullable StoredObject object(int slot) {
    return holder(slot) instanceof StoredObject object && object.linked ? object : null;
  }

  /** The first slot from one up to another whose holder is wanted, -1 if there is none. */
  int firstHolder(int from, int end, Predicate<Object> wanted) {
    for (int slot = from; slot < Math.min(end, fresh); slot++) {
      Object holder = holders[slot];
      if (holder != null && wanted.test(holder)) {
        return slot;
      }
    }
    return -1;
  }

  int generation(int slot) {
    return generations[slot];
  }

  /** Free to reserved; the caller then sets the holder. -1 if none is free. */
  int take() {
    int slot;
    if (freedCount > 0) {
      slot = freed[--freedCount];
    } else if (fresh < limit) {
      slot = fresh++;
      ensureCapacity(fresh);
    } else {
      return -1;
    }
    generations[slot]++;
    reserved++;
    return slot;
  }

  void hold(int slot, Reservation reservation) {
    holders[slot] = reservation;
  }

  /** Reserved to committed. */
  void publish(StoredObject object) {
    holders[object.slot] = object;
    reserved--;
    committed++;
    payloadBytes += object.length;
  }

  /** Committed to retired. */
  void retire(StoredObject object) {
    committed--;
    retired++;
    payloadBytes -= object.length;
  }

  /** Retired to free. */
  void freeRetired(StoredObject object) {
    retired--;
    giveBack(object.slot);
  }

  /** Reserved to free. */
  void freeReserved(int slot) {
    reserved--;
    giveBack(slot);
  }

  /**
   * Takes a slot in quarantine out of the count, before the part of the device that it lies in
   * goes: its former owner may still write there.
   */
  void abandon(Reservation reservation) {
    reserved--;
    quarantined--;
    holders[reservation.slot] = null;
  }

  /** Stops giving out slots at or above {@code newLimit}, or gives them out again. */
  void limit(int newLimit) {
    int old = limit;
    limit = newLimit;
    if (newLimit < old) {
      int kept = 0;
      for (int i = 0; i < freedCount; i++) {
        if (freed[i] < newLimit) {
          freed[kept++] = freed[i];
        }
      }
      freedCount = kept;
    } else {
      for (int slot = old; slot < Math.min(newLimit, fresh); slot++) {
        if (holders[slot] == null) {
          pushFreed(slot);
        }
      }
    }
  }

  /** Sets the number of slots; those that go have no holder. */
  void resize(int newSlots) {
    if (newSlots < slots) {
      limit(newSlots);
      fresh = Math.min(fresh, newSlots);
      slots = newSlots;
    } else {
      slots = newSlots;
      limit(newSlots);
    }
  }

  /** Slots below the limit that can be given out, in no order; for the invariant oracle. */
  int[] freeSlots() {
    return Arrays.copyOf(freed, freedCount);
  }

  private void giveBack(int slot) {
    holders[slot] = null;
    if (slot < limit) {
      pushFreed(slot);
    }
  }

  private void pushFreed(int slot) {
    if (freedCount == freed.length) {
      freed = Arrays.copyOf(freed, freed.length * 2);
    }
    freed[freedCount++] = slot;
  }

  private void ensureCapacity(int needed) {
    if (needed > holders.length) {
      int length = (int) Math.min(slots, holders.length * 2L);
      holders = Arrays.copyOf(holders, length);
      generations = Arrays.copyOf(generations, length);
    }
  }
}
