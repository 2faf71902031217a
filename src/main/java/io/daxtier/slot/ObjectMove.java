package io.daxtier.slot;

import io.daxtier.memory.DaxMapping;
import io.daxtier.memory.MemoryFaultException;
import io.daxtier.slot.MoveResult.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The move of one object to a free slot, while it can be read where it was. It begins and ends
 * under the store's lock and copies between without it. For one thread, once.
 */
final class ObjectMove {

  private final SlotMetadata metadata;
  private final Sessions sessions;
  private final SlotTable source;
  private final int slot;

  ObjectMove(SlotMetadata metadata, Sessions sessions, SlotTable source, int slot) {
    this.metadata = metadata;
    this.sessions = sessions;
    this.source = source;
    this.slot = slot;
  }

  MoveResult run() {
    Borrow original;
    Reservation copy;
    metadata.lock.lock();
    try {
      StoredObject object = readable();
      if (object == null) {
        return MoveResult.of(Outcome.GONE);
      }
      if (object.locks > 0) {
        return MoveResult.of(Outcome.LOCKED);
      }
      SlotTable target = target();
      if (target == null) {
        return MoveResult.of(hasDestination() ? Outcome.NO_ROOM : Outcome.NO_DESTINATION);
      }
      original = metadata.borrow(null, object);
      copy = metadata.take(target, null, ObjectKey.of(object), object.length);
    } finally {
      metadata.lock.unlock();
    }
    boolean copied = false;
    try {
      DaxMapping.copy(
          source.device.mapping(),
          original.address(),
          copy.table.device.mapping(),
          copy.address(),
          original.length);
      copied = true;
    } catch (MemoryFaultException e) {
      return fault(original, copy, e);
    } finally {
      if (!copied) {
        copy.close();
        original.close();
      }
    }
    return finish(original, copy);
  }

  private MoveResult finish(Borrow original, Reservation copy) {
    metadata.lock.lock();
    try {
      StoredObject object = original.object;
      Outcome outcome;
      if (!object.linked || !source.device.state().isUsable()) {
        outcome = Outcome.GONE;
      } else if (object.locks > 0) {
        outcome = Outcome.LOCKED;
      } else if (!copy.open || !copy.table.device.state().isUsable()) {
        outcome = Outcome.TARGET_FAULT;
      } else {
        metadata.swap(object, copy);
        outcome = Outcome.MOVED;
      }
      copy.close();
      original.close();
      return new MoveResult(outcome, outcome == Outcome.MOVED ? original.length : 0);
    } finally {
      metadata.lock.unlock();
    }
  }

  private MoveResult fault(Borrow original, Reservation copy, MemoryFaultException fault) {
    boolean sourceLost = !original.isReadable();
    new DeviceSlots(metadata, sessions, sourceLost ? source : copy.table).fail(fault);
    return MoveResult.of(sourceLost ? Outcome.SOURCE_FAULT : Outcome.TARGET_FAULT);
  }

  /** The object in the slot, if a client could read it now. */
  private @Nullable StoredObject readable() {
    StoredObject object = source.object(slot);
    return object == null ? null : metadata.find(ObjectKey.of(object), metadata.now());
  }

  private @Nullable SlotTable target() {
    return slot >= source.limit() && source.hasRoom() ? source : metadata.leastUsed(source);
  }

  private boolean hasDestination() {
    return metadata.tables.stream()
        .anyMatch(t -> t != source && t.device.state().takesReservations());
  }
}
