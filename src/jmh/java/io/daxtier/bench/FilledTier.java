package io.daxtier.bench;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.CommitResult;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.SlotStoreOptions;
import io.daxtier.slot.StoreMode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A store with many small objects on one device, which is a sparse file: only metadata is touched,
 * so that a million objects need no memory but the heap's.
 */
final class FilledTier implements AutoCloseable {

  static final int SLOT_BYTES = 4096;

  private final Path file;
  private final DaxDeviceRegistry devices = new DaxDeviceRegistry();
  final SlotStore store;
  final Session session;

  FilledTier(int slots) {
    this(slots, System::nanoTime);
  }

  FilledTier(int slots, LongSupplier nanoClock) {
    file = sparseFile((long) slots * SLOT_BYTES);
    store =
        new SlotStore(
            new SlotStoreOptions(
                SLOT_BYTES,
                true,
                Duration.ofSeconds(10),
                Duration.ofSeconds(300),
                Duration.ofSeconds(60)),
            nanoClock);
    store.attach(devices.add(file, (long) slots * SLOT_BYTES));
    session = store.openSession("benchmark", OptionalLong.empty(), () -> {});
  }

  /** Stores one object per key. */
  void fill(byte[][] keys) {
    for (byte[] key : keys) {
      if (store(key.clone()) != CommitResult.STORED) {
        throw new IllegalStateException("a new object was not stored");
      }
    }
  }

  /** What a SET does to the metadata. */
  CommitResult store(byte[] key) {
    try (Reservation reservation =
        (Reservation) store.reserve(session, ObjectKey.of(key), SLOT_BYTES)) {
      return reservation.commit(StoreMode.REPLACE, null);
    }
  }

  /** Keys as LMCache's {@code resp} adapter makes them, none twice. */
  static byte[][] keys(int count, int firstHash) {
    byte[][] keys = new byte[count][];
    for (int i = 0; i < count; i++) {
      keys[i] = key(firstHash + i);
    }
    return keys;
  }

  static byte[] key(int hash) {
    return "meta-llama/Llama-3.1-8B-Instruct@00000001@0@%064x"
        .formatted(hash)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static Path sparseFile(long sizeBytes) {
    try {
      Path file = Files.createTempFile("daxtier-bench", ".dax");
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(sizeBytes);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    session.close();
    devices.close();
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
