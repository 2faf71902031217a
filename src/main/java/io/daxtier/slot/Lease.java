package io.daxtier.slot;

/**
 * What a session holds under one token, with a deadline. Guarded by the lock of {@link
 * SlotMetadata}.
 */
abstract sealed class Lease {

  final Session session;
  final String token;
  final long since;
  long deadline;

  private Lease(Session session, String token, long since) {
    this.session = session;
    this.token = token;
    this.since = since;
  }

  abstract SlotTable table();

  abstract int slot();

  final boolean liesIn(SlotTable wanted, int fromSlot) {
    return table() == wanted && slot() >= fromSlot;
  }

  /** A lock on an object: its bytes stay where they are. */
  static final class HeldLock extends Lease {
    final StoredObject object;

    HeldLock(Session session, String token, long since, StoredObject object) {
      super(session, token, since);
      this.object = object;
    }

    @Override
    SlotTable table() {
      return object.table;
    }

    @Override
    int slot() {
      return object.slot;
    }
  }

  /**
   * A slot that the session may be writing to. Past its deadline it can no longer be committed, but
   * the slot stays reserved, since the writer may still be at it.
   */
  static final class HeldReservation extends Lease {
    final Reservation reservation;

    HeldReservation(Session session, String token, long since, Reservation reservation) {
      super(session, token, since);
      this.reservation = reservation;
    }

    @Override
    SlotTable table() {
      return reservation.table;
    }

    @Override
    int slot() {
      return reservation.slot;
    }
  }
}
