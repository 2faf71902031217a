package io.daxtier.device;

import io.daxtier.memory.DaxMapping;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.memory.DeviceIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The devices of this host, removed ones included. Any thread may read; {@link #add}, {@link
 * #remove} and {@link #close} are for one thread at a time, which the control plane sees to.
 */
public final class DaxDeviceRegistry implements AutoCloseable {

  private final List<DaxDevice> devices = new CopyOnWriteArrayList<>();
  private volatile @Nullable String lastRefusal;

  /**
   * Maps a device and lists it as active.
   *
   * @param sizeBytes bytes to use, rounded down to the device's alignment
   * @throws DaxMemoryException if it cannot be mapped
   * @throws DuplicateDeviceException if it is mapped already, under this name or another
   */
  public DaxDevice add(Path path, long sizeBytes) {
    return add(path, sizeBytes, mapping -> {});
  }

  /**
   * As {@link #add(Path, long)}, if the mapping is what the caller wants: a check that throws
   * unmaps it, and the device has never been listed.
   */
  public DaxDevice add(Path path, long sizeBytes, Consumer<DaxMapping> check) {
    DeviceIdentity identity = identify(path);
    Optional<DaxDevice> mapped = find(identity);
    if (mapped.isPresent()) {
      throw new DuplicateDeviceException(mapped.get(), path.toString());
    }
    DaxMapping mapping = open(path, sizeBytes);
    try {
      check.accept(mapping);
    } catch (RuntimeException e) {
      mapping.close();
      throw e;
    }
    int index = devices.size();
    DaxDevice device = new DaxDevice(index, index, mapping);
    devices.add(device);
    return device;
  }

  /**
   * Which device a path that is to be added leads to.
   *
   * @throws DaxMemoryException if to none
   */
  public DeviceIdentity identify(Path path) {
    return orRefuse(() -> DeviceIdentity.of(path));
  }

  private DaxMapping open(Path path, long sizeBytes) {
    DaxMapping mapping = orRefuse(() -> DaxMapping.open(path, sizeBytes));
    lastRefusal = null;
    return mapping;
  }

  private <T> T orRefuse(Supplier<T> step) {
    try {
      return step.get();
    } catch (DaxMemoryException e) {
      lastRefusal = e.getMessage();
      throw e;
    }
  }

  /**
   * Why the latest device could not be opened or mapped, if so; forgotten once another could be.
   */
  public Optional<String> lastRefusal() {
    return Optional.ofNullable(lastRefusal);
  }

  /** All devices in index order. */
  public List<DaxDevice> devices() {
    return List.copyOf(devices);
  }

  /** The mapped device behind any of its names. */
  public Optional<DaxDevice> find(Path path) {
    Optional<DaxDevice> byName =
        devices.stream().filter(d -> d.state().isMapped() && d.path().equals(path)).findFirst();
    if (byName.isPresent()) {
      return byName;
    }
    try {
      return find(DeviceIdentity.of(path));
    } catch (DaxMemoryException e) {
      return Optional.empty();
    }
  }

  private Optional<DaxDevice> find(DeviceIdentity identity) {
    return devices.stream()
        .filter(d -> d.state().isMapped() && d.identity().equals(identity))
        .findFirst();
  }

  /** Unmaps a device that nothing uses any more; it stays listed as removed. */
  public void remove(DaxDevice device) {
    if (!device.end(DeviceState.REMOVED)) {
      throw new IllegalStateException(device + " cannot be removed");
    }
    device.mapping().close();
  }

  /** Unmaps all devices, last first. Nothing may be in flight. Idempotent. */
  @Override
  public void close() {
    RuntimeException failed = null;
    for (DaxDevice device : devices().reversed()) {
      if (device.end(DeviceState.CLOSED)) {
        try {
          device.mapping().close();
        } catch (RuntimeException e) {
          failed = failed == null ? e : suppressed(failed, e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private static RuntimeException suppressed(RuntimeException first, RuntimeException next) {
    first.addSuppressed(next);
    return first;
  }
}
