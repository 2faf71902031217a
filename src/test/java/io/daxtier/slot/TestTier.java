package io.daxtier.slot;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A store on file-backed devices with a clock that the test turns. */
public final class TestTier implements AutoCloseable {

  public static final Duration GRACE = Duration.ofSeconds(10);
  public static final Duration LOCK_TIMEOUT = Duration.ofMinutes(5);
  public static final Duration QUARANTINE = Duration.ofMinutes(1);

  public final AtomicLong nanos = new AtomicLong(1_000_000_000L);
  public final DaxDeviceRegistry registry = new DaxDeviceRegistry();
  public final SlotStore store;
  public final Session session;
  private final Path folder;
  private int looksLeft;
  private @Nullable Runnable atLook;
  private final List<Path> files = new ArrayList<>();

  public TestTier(Path folder, long slotBytes, boolean evictOnDemand, int... slotsPerDevice) {
    this.folder = folder;
    store =
        new SlotStore(
            new SlotStoreOptions(slotBytes, evictOnDemand, GRACE, LOCK_TIMEOUT, QUARANTINE),
            this::nanos);
    session = session("test");
    for (int slots : slotsPerDevice) {
      addDevice(slots);
    }
  }

  /** Does something just before the clock is looked at for the n-th time from now. */
  public void atNextLook(int count, Runnable action) {
    looksLeft = count;
    atLook = action;
  }

  private long nanos() {
    if (atLook != null && --looksLeft == 0) {
      Runnable action = atLook;
      atLook = null;
      action.run();
    }
    return nanos.get();
  }

  public DaxDevice addDevice(int slots) {
    Path file = folder.resolve("dax" + files.size());
    files.add(file);
    long sizeBytes = slots * store.options().slotBytes();
    setLength(file, sizeBytes);
    DaxDevice device = registry.add(file, sizeBytes);
    store.attach(device);
    return device;
  }

  public DaxDevice device(int index) {
    return registry.devices().get(index);
  }

  public DeviceSlots slots(int index) {
    return store.slots(device(index));
  }

  public Session session(String peer) {
    return store.openSession(peer, OptionalLong.empty(), () -> {});
  }

  /** Loses the pages of a device, as if its memory had gone. */
  public void loseBytes(int index, long keptBytes) {
    setLength(files.get(index), keptBytes);
  }

  public void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Stores text as a SET does; whether there was room. */
  public boolean put(String key, String value) {
    return put(key, value, null);
  }

  public boolean put(String key, String value, @Nullable Duration timeToLive) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (!(store.reserve(session, ObjectKey.of(key), bytes.length)
        instanceof Reservation reservation)) {
      return false;
    }
    try (reservation) {
      reservation.buffer(0, bytes.length).put(bytes);
      return reservation.commit(StoreMode.REPLACE, timeToLive) == CommitResult.STORED;
    }
  }

  /** Loads text as a GET does; null if it is a miss. */
  public @Nullable String get(String key) {
    try (Borrow borrow = store.borrow(session, ObjectKey.of(key))) {
      if (borrow == null) {
        return null;
      }
      store.loaded(List.of(borrow));
      return text(borrow.buffer(0, (int) borrow.length()));
    }
  }

  /** What a client that maps the device reads at an address. */
  public String read(Grant grant) {
    return text(mapped(grant));
  }

  public void write(Grant grant, String value) {
    mapped(grant).put(value.getBytes(StandardCharsets.UTF_8));
  }

  private ByteBuffer mapped(Grant grant) {
    return device(grant.deviceId()).mapping().buffer(grant.offset(), (int) grant.length());
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private static void setLength(Path file, long lengthBytes) {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(lengthBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks the invariants and unmaps. */
  @Override
  public void close() {
    session.close();
    SlotStoreInvariants.check(store);
    registry.close();
  }
}
