package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectIndexTest {

  @TempDir Path folder;

  @Test
  void prepare_isForNoMoreObjectsThanTheHeapHolds() {
    ObjectIndex index = new ObjectIndex(16 << 20);
    index.prepare(5_000);
    assertThat(index.buckets()).isEqualTo(8192);
    index.prepare(1L << 40);
    assertThat(index.buckets()).as("a 64th of the heap").isEqualTo(65_536);
    index.prepare(1);
    assertThat(index.buckets()).isEqualTo(65_536);
  }

  @Test
  void add_growsBeyondWhatWasPrepared() {
    try (TestTier tier = new TestTier(folder, 64, false, 3000)) {
      ObjectIndex index = new ObjectIndex(0);
      index.prepare(1L << 40);
      assertThat(index.buckets()).isEqualTo(1024);
      List<StoredObject> objects = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        StoredObject object = object(tier, "key" + i, i);
        objects.add(object);
        index.add(object);
      }
      assertThat(index.buckets()).isEqualTo(4096);
      assertThat(objects).allMatch(object -> index.find(ObjectKey.of(object)) == object);
    }
  }

  @Test
  void scan_ofManyEmptyBuckets_stopsBetween() {
    try (TestTier tier = new TestTier(folder, 64, false, 1)) {
      ObjectIndex index = new ObjectIndex(1L << 30);
      index.prepare(1 << 20);
      index.add(object(tier, "the one", 0));
      List<StoredObject> met = new ArrayList<>();
      int calls = 0;
      long cursor = 0;
      do {
        cursor = index.scan(cursor, 10, met::add);
        calls++;
      } while (cursor != 0);
      assertThat(met).extracting(ObjectKey::of).containsExactly(ObjectKey.of("the one"));
      assertThat(calls).isEqualTo((1 << 20) / ObjectIndex.MAX_SCANNED_BUCKETS);
    }
  }

  private static StoredObject object(TestTier tier, String key, int slot) {
    SlotMetadata metadata = tier.store.metadata();
    return new StoredObject(
        ObjectKey.of(key), metadata.table(tier.device(0)), slot, 1, new SaltLedger.Account(""));
  }
}
