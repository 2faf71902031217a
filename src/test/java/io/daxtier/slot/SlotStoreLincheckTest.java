package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The life cycle of slots is linearizable: whatever two threads do to two keys looks as if done one
 * after the other. {@code -Ddaxtier.lincheck.iterations} makes the run longer.
 */
@Param(name = "key", gen = IntGen.class, conf = "0:1")
public class SlotStoreLincheckTest {

  private static final int ITERATIONS = Integer.getInteger("daxtier.lincheck.iterations", 4);

  /** Two objects, and a slot for what each thread has in hand: a store always finds room. */
  private static final long SLOTS = 4;

  private static final SlotStoreOptions OPTIONS =
      new SlotStoreOptions(8, false, Duration.ZERO, Duration.ofHours(1), Duration.ofHours(1));
  private static final DaxDeviceRegistry REGISTRY = new DaxDeviceRegistry();
  private static final DaxDevice DEVICE = REGISTRY.add(file(), SLOTS * 8);

  private final SlotStore store = new SlotStore(OPTIONS, System::nanoTime);
  private final Session session = store.openSession("test", OptionalLong.empty(), () -> {});

  public SlotStoreLincheckTest() {
    store.attach(DEVICE);
  }

  @AfterAll
  static void unmap() {
    REGISTRY.close();
  }

  /** Whether the store had room for the key's own length of bytes. */
  @Operation
  public boolean store(@Param(name = "key") int key, @Param(name = "key") int length) {
    if (store.reserve(session, key(key), length) instanceof Reservation reservation) {
      try (reservation) {
        return reservation.commit(StoreMode.REPLACE, null) == CommitResult.STORED;
      }
    }
    return false;
  }

  @Operation
  public long load(@Param(name = "key") int key) {
    try (Borrow borrow = store.borrow(session, key(key))) {
      return borrow == null ? -1 : borrow.length();
    }
  }

  @Operation
  public boolean delete(@Param(name = "key") int key) {
    return store.delete(key(key));
  }

  @Operation
  public boolean lockAndUnlock(@Param(name = "key") int key) {
    Grant grant = session.lookup(key(key));
    return grant != null && session.unlock(List.of(grant.token()))[0];
  }

  @Validate
  public void invariants() {
    SlotStoreInvariants.checkIdle(store);
  }

  @Test
  void slots_underTwoThreads_areLinearizable() {
    new StressOptions()
        .threads(2)
        .actorsPerThread(3)
        .iterations(ITERATIONS)
        .invocationsPerIteration(200)
        .check(SlotStoreLincheckTest.class);
  }

  private static ObjectKey key(int key) {
    return ObjectKey.of("k" + key);
  }

  private static Path file() {
    try {
      Path file = Files.createTempFile("daxtier-lincheck", ".dax");
      file.toFile().deleteOnExit();
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        access.setLength(SLOTS * 8);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
