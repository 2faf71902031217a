package io.daxtier.slot;

import io.daxtier.memory.DeviceIdentity;
import io.daxtier.slot.Lease.HeldLock;
import io.daxtier.slot.Lease.HeldReservation;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The sessions, their leases in order of deadline, and the slots held back after a session was
 * ended under its client. State is guarded by the lock of {@link SlotMetadata}. Methods that are
 * said to take the lock are for any thread; the others are called with it held.
 */
final class Sessions {

  /** Locks and reservations of one session: they all end in one go. */
  static final int MAX_LEASES_OF_ONE = 1 << 16;

  /** Heap that a lease needs: all of them may take a quarter of what there is. */
  static final int HEAP_BYTES_PER_LEASE = 256;

  /** A slot whose former owner may still be writing to it. */
  private record Quarantine(Reservation reservation, long until, Optional<ProcessHandle> writer) {}

  private final SlotMetadata metadata;
  private final long maxLeases;
  private final SecureRandom random = new SecureRandom();
  private final String epoch = Long.toHexString(random.nextLong());
  private final Map<Long, Session> open = new LinkedHashMap<>();

  /** All leases have the same time to live, so the order of insertion is that of deadlines. */
  private final Set<Lease> byDeadline = new LinkedHashSet<>();

  private final List<Quarantine> quarantines = new ArrayList<>();

  /** Of all sessions. */
  long leaseCount;

  private long lastId;

  Sessions(SlotMetadata metadata) {
    this(metadata, Runtime.getRuntime().maxMemory());
  }

  Sessions(SlotMetadata metadata, long heapBytes) {
    this.metadata = metadata;
    this.maxLeases = heapBytes / 4 / HEAP_BYTES_PER_LEASE;
  }

  String epoch() {
    return epoch;
  }

  /** Takes the lock. */
  Session open(String peer, OptionalLong pid, Runnable disconnect) {
    Optional<ProcessHandle> process =
        pid.isPresent() ? ProcessHandle.of(pid.getAsLong()) : Optional.empty();
    long secret = random.nextLong();
    metadata.lock.lock();
    try {
      Session session = new Session(metadata, this, ++lastId, peer, process, disconnect, secret);
      open.put(session.id, session);
      return session;
    } finally {
      metadata.lock.unlock();
    }
  }

  List<Session> open() {
    return List.copyOf(open.values());
  }

  /** Whether a session may have one more; if not, a lookup is a miss and a slot not to be had. */
  boolean mayAdd(Session session) {
    return !session.ended && session.leases.size() < MAX_LEASES_OF_ONE && leaseCount < maxLeases;
  }

  void add(Lease lease) {
    Session session = lease.session;
    session.leases.put(lease.token, lease);
    count(lease, 1);
    renew(lease);
  }

  void renew(Lease lease) {
    byDeadline.remove(lease);
    lease.deadline = SlotMetadata.deadline(metadata.now(), metadata.options.lockTimeout());
    byDeadline.add(lease);
  }

  void remove(Lease lease) {
    byDeadline.remove(lease);
    lease.session.leases.remove(lease.token);
    count(lease, -1);
  }

  private void count(Lease lease, int change) {
    leaseCount += change;
    switch (lease) {
      case HeldLock lock -> lock.session.locks += change;
      case HeldReservation reservation -> reservation.session.reservations += change;
    }
  }

  /** Whether a lease still holds; one whose deadline is over is ended on the spot. */
  boolean isGood(Lease lease) {
    if (lease.deadline <= metadata.now()) {
      expire(lease);
      return false;
    }
    return lease.table().device.state().isUsable()
        && (!(lease instanceof HeldReservation held) || held.reservation.open);
  }

  /** A lock is lost; a reservation loses only the right to commit. */
  private void expire(Lease lease) {
    switch (lease) {
      case HeldLock lock -> lose(lock);
      case HeldReservation held -> {
        byDeadline.remove(held);
        held.reservation.open = false;
      }
    }
  }

  private void lose(HeldLock lock) {
    remove(lock);
    metadata.endLock(lock.object);
  }

  /** The client is gone: nobody writes any more. */
  void close(Session session) {
    open.remove(session.id);
    session.ended = true;
    for (Lease lease : List.copyOf(session.leases.values())) {
      switch (lease) {
        case HeldLock lock -> lose(lock);
        case HeldReservation held -> {
          remove(held);
          metadata.abort(held.reservation);
        }
      }
    }
  }

  /** Ends a session that may be alive. Takes the lock. */
  boolean end(long id) {
    Session session;
    metadata.lock.lock();
    try {
      session = open.get(id);
      if (session == null) {
        return false;
      }
      for (Lease lease : List.copyOf(session.leases.values())) {
        switch (lease) {
          case HeldLock lock -> lose(lock);
          case HeldReservation held -> quarantine(held);
        }
      }
      close(session);
    } finally {
      metadata.lock.unlock();
    }
    session.disconnect.run();
    return true;
  }

  private void quarantine(HeldReservation held) {
    remove(held);
    Reservation reservation = held.reservation;
    reservation.open = false;
    reservation.quarantined = true;
    reservation.table.quarantined++;
    metadata.transfers.remove(reservation);
    quarantines.add(
        new Quarantine(
            reservation,
            SlotMetadata.deadline(metadata.now(), metadata.options.quarantine()),
            held.session.process));
    metadata.released.signalAll();
  }

  /** Ends what is over. Takes the lock; processes are looked at without it. */
  void sweep() {
    Set<ProcessHandle> writers;
    metadata.lock.lock();
    try {
      writers = quarantines.stream().flatMap(q -> q.writer().stream()).collect(Collectors.toSet());
    } finally {
      metadata.lock.unlock();
    }
    writers.removeIf(ProcessHandle::isAlive);
    int expired;
    do {
      expired = metadata.locked(this::expireBatch);
    } while (expired == SlotStore.BATCH);
    metadata.runLocked(
        () -> {
          long now = metadata.now();
          quarantines.removeIf(q -> release(q, now, writers));
        });
  }

  private int expireBatch() {
    long now = metadata.now();
    int expired = 0;
    while (expired < SlotStore.BATCH && !byDeadline.isEmpty()) {
      Lease next = byDeadline.iterator().next();
      if (next.deadline > now) {
        break;
      }
      expire(next);
      expired++;
    }
    return expired;
  }

  private boolean release(Quarantine quarantine, long now, Set<ProcessHandle> gone) {
    boolean over =
        quarantine.until() <= now || quarantine.writer().filter(gone::contains).isPresent();
    if (over) {
      Reservation reservation = quarantine.reservation();
      if (!reservation.ended) {
        reservation.table.quarantined--;
        reservation.quarantined = false;
        metadata.abort(reservation);
      }
    }
    return over;
  }

  /** For how long a slot of a device may still be written to. Takes the lock. */
  Optional<Duration> quarantined(DeviceIdentity identity) {
    return quarantined(r -> r.device().identity().equals(identity));
  }

  /** For how long one of those reserved slots may still be written to. Takes the lock. */
  Optional<Duration> quarantined(Predicate<Reservation> which) {
    metadata.lock.lock();
    try {
      long now = metadata.now();
      return quarantines.stream()
          .filter(q -> which.test(q.reservation()))
          .map(q -> Duration.ofNanos(q.until() - now))
          .max(Duration::compareTo);
    } finally {
      metadata.lock.unlock();
    }
  }

  /** The sessions that hold something. Takes the lock. */
  List<SessionSnapshot> holding() {
    metadata.lock.lock();
    try {
      return snapshots(open.values().stream().filter(s -> !s.leases.isEmpty()).toList());
    } finally {
      metadata.lock.unlock();
    }
  }

  List<SessionSnapshot> snapshots(List<Session> sessions) {
    long now = metadata.now();
    return sessions.stream().map(s -> s.snapshot(now)).toList();
  }

  /** The sessions with a lease or a running transfer in that part of a device. */
  List<Session> holding(SlotTable table, int fromSlot) {
    Set<Long> transferring = transferring(table, fromSlot);
    return open.values().stream()
        .filter(
            s ->
                transferring.contains(s.id)
                    || s.leases.values().stream().anyMatch(l -> l.liesIn(table, fromSlot)))
        .toList();
  }

  /** The ids of the sessions whose transfers or reservations run in that part of a device. */
  Set<Long> transferring(SlotTable table, int fromSlot) {
    Set<Long> ids = new HashSet<>();
    for (Transfer transfer : metadata.transfers) {
      Session session = transfer.session;
      if (session != null && transfer.table == table && transfer.slot >= fromSlot) {
        ids.add(session.id);
      }
    }
    return ids;
  }

  /** Takes all locks in that part of a device away; returns how many. */
  long dropLocks(SlotTable table, int fromSlot) {
    List<HeldLock> dropped = new ArrayList<>();
    for (Session session : open.values()) {
      for (Lease lease : session.leases.values()) {
        if (lease instanceof HeldLock lock && lock.liesIn(table, fromSlot)) {
          dropped.add(lock);
        }
      }
    }
    dropped.forEach(this::lose);
    return dropped.size();
  }

  /** Takes the right to commit from all reservations on a device. */
  void closeReservations(SlotTable table) {
    for (Transfer transfer : metadata.transfers) {
      if (transfer instanceof Reservation reservation && reservation.table == table) {
        reservation.open = false;
      }
    }
  }

  /** Takes the lock. */
  LockUsage usage() {
    metadata.lock.lock();
    try {
      long now = metadata.now();
      long locks = 0;
      long reservations = 0;
      long oldest = now;
      for (Session session : open.values()) {
        locks += session.locks;
        reservations += session.reservations;
        oldest = Math.min(oldest, session.oldest(now));
      }
      return new LockUsage(locks, reservations, age(oldest, now));
    } finally {
      metadata.lock.unlock();
    }
  }

  static Duration age(long since, long now) {
    return Duration.ofNanos(now - since);
  }
}
