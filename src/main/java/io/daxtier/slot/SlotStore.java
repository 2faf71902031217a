package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import io.daxtier.memory.DeviceIdentity;
import io.daxtier.slot.SlotMetadata.EvictionReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The KV objects of this host in the slots of its devices. Any thread may call it. All metadata is
 * on the heap under one lock that is never held over a copy, I/O or a callback; the bytes are in
 * the devices.
 *
 * <p>To store: {@link #reserve}, fill the reservation's buffers, {@link Reservation#commit}. To
 * load: {@link #borrow}, send, {@link #loaded}, close. Clients that map the devices themselves go
 * through {@link Session}; operators through {@link DeviceSlots}.
 */
public final class SlotStore {

  /** Objects looked at in one go by work that may be long, so that others get the lock between. */
  static final int BATCH = 1024;

  private static final Comparator<SaltUsage> LARGEST_FIRST =
      Comparator.comparingLong(SaltUsage::objects).reversed().thenComparing(SaltUsage::salt);

  private final SlotMetadata metadata;
  private final Sessions sessions;
  private final ObjectExpiry expiry;

  /**
   * @param nanoClock monotonic nanoseconds, such as {@link System#nanoTime}
   */
  public SlotStore(SlotStoreOptions options, LongSupplier nanoClock) {
    this.metadata = new SlotMetadata(options, nanoClock);
    this.sessions = new Sessions(metadata);
    this.expiry = new ObjectExpiry(metadata);
  }

  public SlotStoreOptions options() {
    return metadata.options;
  }

  /** Names this life of the store: addresses and tokens of another one are worth nothing. */
  public String epoch() {
    return sessions.epoch();
  }

  /**
   * Gives a device's slots to the store; it takes objects while its state allows.
   *
   * @throws IllegalArgumentException if the device is shorter than one slot
   */
  public DeviceSlots attach(DaxDevice device) {
    int slots = DeviceSlots.count(device.sizeBytes(), options().slotBytes());
    if (slots == 0) {
      throw new IllegalArgumentException(
          device + " does not fit one slot of " + options().slotBytes() + " bytes");
    }
    return metadata.locked(
        () -> {
          SlotTable table = new SlotTable(device, slots);
          metadata.tables.add(table);
          metadata.index.prepare(metadata.index.size() + (long) slots);
          return new DeviceSlots(metadata, sessions, table);
        });
  }

  /**
   * The slots of an attached device.
   *
   * @throws IllegalArgumentException if it is not attached
   */
  public DeviceSlots slots(DaxDevice device) {
    return metadata.locked(() -> new DeviceSlots(metadata, sessions, metadata.table(device)));
  }

  /** The slots of all attached devices, failed ones included. */
  public List<DeviceSlots> devices() {
    return metadata.locked(
        () -> metadata.tables.stream().map(t -> new DeviceSlots(metadata, sessions, t)).toList());
  }

  /**
   * Begins a session, which owns what is locked and reserved through it.
   *
   * @param peer its address, for people
   * @param pid the peer's process, where known
   * @param disconnect closes its connection; called without the lock
   */
  public Session openSession(String peer, OptionalLong pid, Runnable disconnect) {
    return sessions.open(peer, pid, disconnect);
  }

  /** Reserves a slot for an object of that many bytes. */
  public ReserveResult reserve(Session session, ObjectKey key, long lengthBytes) {
    if (lengthBytes < 0) {
      throw new IllegalArgumentException("length must not be negative: " + lengthBytes);
    }
    if (lengthBytes > options().slotBytes()) {
      return ReserveRefusal.TOO_LARGE;
    }
    try (OldestFirst victims = new OldestFirst(metadata)) {
      ReserveResult result;
      do {
        result = metadata.locked(() -> metadata.reserve(session, key, lengthBytes, victims));
      } while (result == null && !victims.hasEnded());
      return result == null ? ReserveRefusal.NO_ROOM : result;
    }
  }

  /** Begins a read; null if there is no such object. */
  public @Nullable Borrow borrow(Session session, ObjectKey key) {
    return metadata.locked(
        () -> {
          StoredObject object = metadata.find(key, metadata.now());
          return object == null ? null : metadata.borrow(session, object);
        });
  }

  /**
   * Says that these reads, the replies to one command, were completed: their objects become the
   * newest, the first of them last, so that a prompt's tail goes before its head, and what EXISTS
   * had promised is kept.
   */
  public void loaded(List<Borrow> batch) {
    metadata.runLocked(
        () -> {
          for (Borrow borrow : batch.reversed()) {
            StoredObject object = borrow.object;
            object.endGrace();
            metadata.refresh(object);
          }
        });
  }

  /** Whether the object is there; if so it is safe from eviction for the grace. */
  public boolean exists(ObjectKey key) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          metadata.promises.forget(key);
          if (object == null) {
            return false;
          }
          object.graceUntil = SlotMetadata.deadline(now, options().existsGrace());
          return true;
        });
  }

  /** The object's length in bytes, -1 if there is none. */
  public long length(ObjectKey key) {
    return metadata.locked(
        () -> {
          StoredObject object = metadata.find(key, metadata.now());
          return object == null ? -1L : object.length;
        });
  }

  /** Takes an object out at once; bytes being read or locked stay until that ends. */
  public boolean delete(ObjectKey key) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          if (object == null) {
            return false;
          }
          metadata.unlink(object, now);
          return true;
        });
  }

  /** As {@link #delete}, but an object that a session has locked stays. */
  public boolean deleteUnlocked(ObjectKey key) {
    return metadata.locked(
        () -> {
          long now = metadata.now();
          StoredObject object = metadata.find(key, now);
          if (object == null || object.locks > 0) {
            return false;
          }
          metadata.unlink(object, now);
          return true;
        });
  }

  /** Deletes all objects that are there when it begins; returns how many. */
  public long flush() {
    metadata.locked(() -> ++metadata.era);
    long deleted = 0;
    int gone;
    do {
      gone = metadata.locked(this::flushBatch);
      deleted += gone;
    } while (gone == BATCH);
    return deleted;
  }

  private int flushBatch() {
    long now = metadata.now();
    int gone = 0;
    for (StoredObject o = metadata.index.oldest();
        gone < BATCH && o != null && o.era != metadata.era;
        o = metadata.index.oldest()) {
      metadata.unlink(o, now);
      gone++;
    }
    return gone;
  }

  /**
   * Visits some keys, as Redis's SCAN does: every key that is there from the first call to the last
   * is met at least once.
   *
   * @param cursor 0 to begin, then what the last call returned
   * @param count about how many to visit; no more than {@value #BATCH} at a time
   * @param visitor called without the lock
   * @return where to go on, 0 at the end
   */
  public long scan(long cursor, int count, Consumer<ObjectKey> visitor) {
    List<ObjectKey> keys = new ArrayList<>();
    long next =
        metadata.locked(
            () -> {
              long now = metadata.now();
              return metadata.index.scan(
                  cursor,
                  Math.clamp(count, 1, BATCH),
                  object -> {
                    boolean readable =
                        object.expiresAt > now && object.table.device.state().isUsable();
                    return readable && keys.add(ObjectKey.of(object));
                  });
            });
    keys.forEach(visitor);
    return next;
  }

  /** When objects become misses by themselves. */
  public ObjectExpiry expiry() {
    return expiry;
  }

  public long objectCount() {
    return metadata.locked(() -> (long) metadata.index.size());
  }

  /** The length that EXISTS once promised for an object that is gone or was replaced since. */
  public OptionalLong promisedLength(ObjectKey key) {
    return metadata.locked(() -> metadata.promises.of(key, metadata.now()));
  }

  /** Length of the object stored last. */
  public OptionalLong lastStoredLength() {
    return metadata.locked(() -> metadata.lastStoredLength);
  }

  /**
   * Evicts the oldest objects, passing over those that are locked or in grace.
   *
   * @return how many went, fewer than {@code count} if there were no more
   */
  public long evictOldest(long count) {
    long evicted = 0;
    try (OldestFirst victims = new OldestFirst(metadata)) {
      while (evicted < count && !victims.hasEnded()) {
        long wanted = count - evicted;
        evicted += metadata.locked(() -> evictBatch(victims, wanted));
      }
    }
    return evicted;
  }

  private long evictBatch(OldestFirst victims, long count) {
    long now = metadata.now();
    long evicted = 0;
    victims.begin();
    while (evicted < count) {
      StoredObject victim = victims.next(o -> o.locks == 0 && !o.isGraced(now));
      if (victim == null) {
        break;
      }
      metadata.evict(victim, EvictionReason.WATERMARK, now);
      evicted++;
    }
    return evicted;
  }

  /** Ends locks and reservations whose deadline is over and quarantines that have served. */
  public void sweepLeases() {
    sessions.sweep();
  }

  /** All usable devices together. */
  public StoreUsage usage() {
    return metadata.locked(
        () -> {
          List<SlotTable> usable =
              metadata.tables.stream().filter(t -> t.device.state().isUsable()).toList();
          return new StoreUsage(
              usable.stream().mapToLong(SlotTable::slots).sum(),
              usable.stream().mapToLong(SlotTable::free).sum(),
              usable.stream().mapToLong(t -> t.reserved).sum(),
              usable.stream().mapToLong(t -> t.committed).sum(),
              usable.stream().mapToLong(t -> t.retired).sum(),
              usable.stream().mapToLong(t -> t.borrowed).sum(),
              usable.stream().mapToLong(t -> t.locked).sum(),
              usable.stream().mapToLong(t -> t.payloadBytes).sum(),
              metadata.index.size(),
              options().slotBytes(),
              new EvictionCounts(
                  evictions(EvictionReason.WATERMARK),
                  evictions(EvictionReason.DEMAND),
                  evictions(EvictionReason.EXPIRED),
                  evictions(EvictionReason.OPERATOR)));
        });
  }

  private long evictions(EvictionReason reason) {
    return metadata.evictions.getOrDefault(reason, 0L);
  }

  /** The salts with the most objects, each counted at one moment while the store goes on. */
  public List<SaltUsage> usageBySalt(int limit) {
    PriorityQueue<SaltUsage> largest = new PriorityQueue<>(LARGEST_FIRST.reversed());
    Iterator<SaltLedger.Account> accounts = metadata.salts.walk();
    while (accounts.hasNext()) {
      metadata.runLocked(
          () -> {
            for (int i = 0; i < BATCH && accounts.hasNext(); i++) {
              SaltLedger.Account account = accounts.next();
              if (account.objects > 0) {
                largest.add(account.usage());
              }
              if (largest.size() > limit) {
                largest.remove();
              }
            }
          });
    }
    return largest.stream().sorted(LARGEST_FIRST).toList();
  }

  /**
   * Takes a device with a lost page out of service: its objects are misses at once and then
   * dropped, locks on them are lost, reservations on it can no longer be committed.
   */
  public void fault(DaxDevice device, Throwable cause) {
    if (device.fail(cause)) {
      slots(device).dropAll();
    }
  }

  /** The sessions that hold something. */
  public List<SessionSnapshot> sessions() {
    return sessions.holding();
  }

  /**
   * Ends a session for an operator: its locks are lost, its reserved slots are held back for the
   * quarantine since it may still be writing, its connection is closed.
   */
  public boolean endSession(long id) {
    return sessions.end(id);
  }

  public LockUsage locks() {
    return sessions.usage();
  }

  /** How long a device that was removed by force may still be written to by a former client. */
  public Optional<Duration> quarantined(DeviceIdentity identity) {
    return sessions.quarantined(identity);
  }

  /** For the invariant oracle. */
  SlotMetadata metadata() {
    return metadata;
  }

  /** For the invariant oracle, which holds the lock. */
  Sessions allSessions() {
    return sessions;
  }
}
