package io.daxtier.device;

import io.daxtier.memory.DaxMapping;
import io.daxtier.memory.DeviceIdentity;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One device of this host. Any thread may look at it; its state changes by compare-and-set along
 * the table in {@link DeviceState}, its size by the one control operation that runs at a time.
 */
public final class DaxDevice {

  private final int id;
  private final int index;
  private final DaxMapping mapping;
  private final AtomicReference<DeviceState> state = new AtomicReference<>(DeviceState.ACTIVE);
  private volatile long sizeBytes;
  private volatile @Nullable String failure;

  DaxDevice(int id, int index, DaxMapping mapping) {
    this.id = id;
    this.index = index;
    this.mapping = mapping;
    this.sizeBytes = mapping.sizeBytes();
  }

  /** Never used twice in the life of the process. */
  public int id() {
    return id;
  }

  /** Place in the registry's list; does not shift when devices go. */
  public int index() {
    return index;
  }

  /** The name it was added by. */
  public Path path() {
    return mapping.path();
  }

  public DeviceIdentity identity() {
    return mapping.identity();
  }

  public DaxMapping mapping() {
    return mapping;
  }

  /** Bytes in use as slots; at most what is mapped. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** Whether the device cannot tell this size from the one in use, for its alignment. */
  public boolean hasSize(long otherSizeBytes) {
    return mapping.roundDown(otherSizeBytes) == mapping.roundDown(sizeBytes);
  }

  /**
   * Sets the size in use, mapping more of the device if need be.
   *
   * @throws io.daxtier.memory.DaxMemoryException if the device is shorter; the old size stays
   */
  public void resize(long newSizeBytes) {
    if (newSizeBytes > sizeBytes) {
      mapping.grow(newSizeBytes);
    }
    sizeBytes = Math.min(newSizeBytes, mapping.sizeBytes());
  }

  public DeviceState state() {
    return state.get();
  }

  /** Moves from one state to another; false if the device is not in {@code from}. */
  public boolean move(DeviceState from, DeviceState to) {
    if (!from.mayBecome(to)) {
      throw new IllegalArgumentException(path() + ": " + from + " may not become " + to);
    }
    return state.compareAndSet(from, to);
  }

  /** Why it failed, if it did. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Marks it as failed; false if it had been before, or is no longer mapped. */
  public boolean fail(Throwable cause) {
    String why = cause.getMessage();
    return moveTo(DeviceState.FAILED, why == null ? cause.toString() : why);
  }

  boolean end(DeviceState end) {
    return moveTo(end, null);
  }

  private boolean moveTo(DeviceState to, @Nullable String why) {
    while (true) {
      DeviceState now = state.get();
      if (!now.mayBecome(to)) {
        return false;
      }
      if (why != null) {
        failure = why;
      }
      if (state.compareAndSet(now, to)) {
        return true;
      }
    }
  }

  @Override
  public String toString() {
    return "device " + id + " " + path() + " " + state.get().wireName();
  }
}
