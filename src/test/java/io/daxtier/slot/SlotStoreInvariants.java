package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What holds of every {@link SlotStore} whenever its lock is free. The one oracle of all tests:
 * called after every scenario, and in the middle of concurrent ones.
 */
public final class SlotStoreInvariants {

  private SlotStoreInvariants() {}

  /** Fails with the first rule that is broken. */
  public static void check(SlotStore store) {
    SlotMetadata metadata = store.metadata();
    metadata.lock.lock();
    try {
      checkRecencyAndIndex(metadata);
      metadata.tables.forEach(table -> checkTable(metadata, table));
      checkSalts(store, metadata);
      checkExpiries(metadata);
      checkLeases(store, metadata);
    } finally {
      metadata.lock.unlock();
    }
  }

  /** Nothing is borrowed, reserved, locked or retired: all transfers and sessions have ended. */
  public static void checkIdle(SlotStore store) {
    check(store);
    StoreUsage usage = store.usage();
    assertThat(usage.reserved()).as("reserved").isZero();
    assertThat(usage.borrowed()).as("borrowed").isZero();
    assertThat(usage.locked()).as("locked").isZero();
    assertThat(usage.retired()).as("retired").isZero();
    assertThat(usage.committed()).as("committed = objects").isEqualTo(usage.objects());
    assertThat(store.metadata().transfers).as("transfers").isEmpty();
  }

  private static void checkRecencyAndIndex(SlotMetadata metadata) {
    Set<ObjectKey> keys = new HashSet<>();
    StoredObject before = null;
    int count = 0;
    for (StoredObject o = metadata.index.oldest(); o != null; o = o.newer) {
      assertThat(o.older).as("recency is linked both ways").isSameAs(before);
      assertThat(o.linked).as("an object in the order of recency is linked").isTrue();
      assertThat(keys.add(ObjectKey.of(o))).as("key %s once", ObjectKey.of(o)).isTrue();
      assertThat(metadata.index.find(ObjectKey.of(o))).as("found by its key").isSameAs(o);
      if (metadata.tables.contains(o.table)) {
        assertThat(o.table.holder(o.slot)).as("its slot holds it").isSameAs(o);
      }
      before = o;
      count++;
    }
    assertThat(count).as("index size").isEqualTo(metadata.index.size());
  }

  private static void checkTable(SlotMetadata metadata, SlotTable table) {
    int reserved = 0;
    int committed = 0;
    int retired = 0;
    int borrowed = 0;
    int locked = 0;
    int quarantined = 0;
    int free = 0;
    long payload = 0;
    for (int slot = 0; slot < table.touched(); slot++) {
      switch (table.holder(slot)) {
        case Reservation reservation -> {
          reserved++;
          quarantined += reservation.quarantined ? 1 : 0;
          assertThat(reservation.slot).isEqualTo(slot);
          assertThat(reservation.ended).as("a reservation that holds a slot is open").isFalse();
        }
        case StoredObject object -> {
          assertThat(object.slot).isEqualTo(slot);
          assertThat(object.table).isSameAs(table);
          assertThat(object.borrows).as("borrows").isNotNegative();
          assertThat(object.locks).as("locks").isNotNegative();
          borrowed += object.borrows > 0 ? 1 : 0;
          locked += object.locks > 0 ? 1 : 0;
          if (object.linked) {
            committed++;
            payload += object.length;
            assertThat(metadata.index.find(ObjectKey.of(object))).isSameAs(object);
          } else {
            retired++;
            assertThat(object.isInUse()).as("a retired slot is in use").isTrue();
          }
        }
        case null -> free++;
        default -> throw new AssertionError("a slot holds " + table.holder(slot));
      }
    }
    String name = table.device.toString();
    assertThat(table.reserved).as("%s reserved", name).isEqualTo(reserved);
    assertThat(table.committed).as("%s committed", name).isEqualTo(committed);
    assertThat(table.retired).as("%s retired", name).isEqualTo(retired);
    assertThat(table.borrowed).as("%s borrowed", name).isEqualTo(borrowed);
    assertThat(table.locked).as("%s locked", name).isEqualTo(locked);
    assertThat(table.quarantined).as("%s quarantined", name).isEqualTo(quarantined);
    assertThat(table.payloadBytes).as("%s payload bytes", name).isEqualTo(payload);
    assertThat(table.free())
        .as("%s free", name)
        .isEqualTo(free + table.slots() - Math.min(table.touched(), table.slots()));
    assertThat(table.limit()).isBetween(0, table.slots());
    checkFreeList(table);
  }

  private static void checkFreeList(SlotTable table) {
    Set<Integer> listed = new HashSet<>();
    for (int slot : table.freeSlots()) {
      assertThat(listed.add(slot)).as("slot %d is listed as free once", slot).isTrue();
    }
    Set<Integer> free = new HashSet<>();
    for (int slot = 0; slot < Math.min(table.touched(), table.limit()); slot++) {
      if (table.holder(slot) == null) {
        free.add(slot);
      }
    }
    assertThat(listed).as("free slots below the limit").isEqualTo(free);
  }

  private static void checkSalts(SlotStore store, SlotMetadata metadata) {
    Map<String, Long> objects = new HashMap<>();
    Map<String, Long> bytes = new HashMap<>();
    for (StoredObject o = metadata.index.oldest(); o != null; o = o.newer) {
      String salt = CacheSalt.of(o.key);
      objects.merge(salt, 1L, Long::sum);
      bytes.merge(salt, o.length, Long::sum);
    }
    Map<String, Long> countedObjects = new HashMap<>();
    Map<String, Long> countedBytes = new HashMap<>();
    for (SaltUsage usage : store.usageBySalt(Integer.MAX_VALUE)) {
      countedObjects.put(usage.salt(), usage.objects());
      countedBytes.put(usage.salt(), usage.payloadBytes());
    }
    assertThat(countedObjects).as("objects per salt").isEqualTo(objects);
    assertThat(countedBytes).as("payload bytes per salt").isEqualTo(bytes);
  }

  private static void checkExpiries(SlotMetadata metadata) {
    int expiring = 0;
    for (StoredObject o = metadata.index.oldest(); o != null; o = o.newer) {
      if (o.expiresAt != StoredObject.NEVER) {
        expiring++;
        assertThat(metadata.expiries).as("expiries").contains(o);
      }
    }
    assertThat(metadata.expiries).as("expiries").hasSize(expiring);
  }

  private static void checkLeases(SlotStore store, SlotMetadata metadata) {
    Map<StoredObject, Integer> locks = new HashMap<>();
    long leases = 0;
    for (Session session : store.allSessions().open()) {
      leases += session.leases.size();
      int held = 0;
      int reserved = 0;
      for (Lease lease : session.leases.values()) {
        switch (lease) {
          case Lease.HeldLock lock -> {
            held++;
            locks.merge(lock.object, 1, Integer::sum);
          }
          case Lease.HeldReservation reservation -> {
            reserved++;
            assertThat(reservation.reservation.ended).as("a held reservation").isFalse();
          }
        }
      }
      assertThat(session.locks).as("locks of session %d", session.id).isEqualTo(held);
      assertThat(session.reservations).as("reservations of %d", session.id).isEqualTo(reserved);
    }
    assertThat(store.allSessions().leaseCount).as("leases").isEqualTo(leases);
    for (SlotTable table : metadata.tables) {
      for (int slot = 0; slot < table.touched(); slot++) {
        if (table.holder(slot) instanceof StoredObject object) {
          assertThat(object.locks)
              .as("locks on slot %d", slot)
              .isEqualTo(locks.getOrDefault(object, 0));
        }
      }
    }
  }
}
