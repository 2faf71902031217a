package io.daxtier.reconfigure.dax;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DeviceState;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.reconfigure.ReconfigureException;
import io.daxtier.reconfigure.dax.DaxRequest.Mode;
import io.daxtier.slot.DeviceSlots;
import io.daxtier.slot.SlotStore;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds, drains, removes and resizes devices while everything is being served. Any thread may call
 * it; one operation runs at a time, in the thread that asked for it, to its end, and others are
 * refused meanwhile. An operation that fails puts the device back into its former state, and may be
 * asked for again.
 */
public final class DaxHotplug implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DaxHotplug.class);

  private final DaxDeviceRegistry registry;
  private final SlotStore store;
  private final HotplugOptions options;
  private final AllowedPaths allowedPaths;
  private final DeviceAddition addition;
  private final LongSupplier nanoClock;
  private final Turnstile turnstile = new Turnstile();

  public DaxHotplug(
      DaxDeviceRegistry registry, SlotStore store, HotplugOptions options, LongSupplier nanoClock) {
    this.registry = registry;
    this.store = store;
    this.options = options;
    this.allowedPaths = new AllowedPaths(options.allowedDevicePaths(), options.startDevices());
    this.addition = new DeviceAddition(registry, store);
    this.nanoClock = nanoClock;
  }

  /** Begins to take operations. */
  void open() {
    turnstile.open();
  }

  boolean isOpen() {
    return turnstile.isOpen();
  }

  /** Takes no more operations, and waits until the running one has stopped at its next object. */
  @Override
  public void close() {
    turnstile.close();
  }

  DaxStatus status() {
    return DaxStatus.of(options.enabled(), registry.devices(), store);
  }

  /**
   * Carries out an operation.
   *
   * @return the reply's fields
   * @throws ReconfigureException if it is refused or fails
   */
  Map<String, Object> apply(DaxRequest request) {
    String name = request.devicePath().strip();
    if (name.isEmpty()) {
      throw new ReconfigureException(400, "device_path must be a non-empty string");
    }
    if (!options.enabled()) {
      throw new ReconfigureException(403, "DAX hotplug is disabled");
    }
    Optional<Path> path = AllowedPaths.parse(name);
    return switch (request) {
      case DaxRequest.Add add -> {
        Path named = path.orElseThrow(DeviceAddition::notAllowed);
        Path real = allowedPaths.allowed(named).orElseThrow(DeviceAddition::notAllowed);
        yield turnstile.pass(add, () -> add(named, real, add.sizeBytes()));
      }
      case DaxRequest.Remove remove ->
          turnstile.pass(
              remove,
              () -> remove.mode() == Mode.DRAIN ? drain(find(path)) : remove(find(path), remove));
      case DaxRequest.Resize resize -> turnstile.pass(resize, () -> resize(find(path), resize));
    };
  }

  private Map<String, Object> add(Path path, Path realPath, long sizeBytes) {
    DaxDevice device = addition.add(path, realPath, sizeBytes);
    Map<String, Object> reply = reply("add");
    reply.put("device", DaxStatus.Device.of(device, store));
    return reply;
  }

  private static Map<String, Object> drain(DaxDevice device) {
    if (device.state() != DeviceState.DRAINING) {
      move(device, device.state(), DeviceState.DRAINING);
    }
    Map<String, Object> reply = reply("drain", device);
    reply.put("state", device.state().wireName());
    return reply;
  }

  private Map<String, Object> remove(DaxDevice device, DaxRequest.Remove request) {
    DeviceSlots slots = store.slots(device);
    DeviceState former = device.state();
    Evacuation evacuation = evacuation(slots, 0, request.mode(), request.force());
    try {
      if (former != DeviceState.FAILED) {
        boolean migrate = request.mode() == Mode.MIGRATE;
        move(device, former, migrate ? DeviceState.MIGRATING : DeviceState.REMOVING);
      }
      evacuation.run(options.drainTimeout());
      if (device.state() == DeviceState.MIGRATING) {
        move(device, DeviceState.MIGRATING, DeviceState.REMOVING);
      }
      slots.detach();
    } catch (RuntimeException e) {
      restore(device, former);
      throw e;
    }
    registry.remove(device);
    Map<String, Object> reply = reply("remove", device);
    reply.put("moved_keys", evacuation.movedObjects());
    reply.put("moved_bytes", evacuation.movedBytes());
    reply.put("deleted_keys", evacuation.deletedObjects());
    reply.put("source_slots_freed", evacuation.movedObjects() + evacuation.deletedObjects());
    reply.put("state", device.state().wireName());
    return reply;
  }

  private Map<String, Object> resize(DaxDevice device, DaxRequest.Resize request) {
    if (request.sizeBytes() < store.options().slotBytes()) {
      throw DeviceAddition.tooSmall();
    }
    long oldSizeBytes = device.sizeBytes();
    DeviceState former = device.state();
    if (former == DeviceState.FAILED) {
      throw failed();
    }
    try {
      // A draining device stays draining: a resizing one takes new objects.
      if (former == DeviceState.ACTIVE) {
        move(device, former, DeviceState.RESIZING);
      }
      if (request.sizeBytes() < oldSizeBytes) {
        shrink(store.slots(device), request);
      } else if (request.sizeBytes() > oldSizeBytes) {
        grow(store.slots(device), request.sizeBytes());
      }
    } finally {
      restore(device, former);
    }
    Map<String, Object> reply = reply("resize", device);
    reply.put("old_size_bytes", oldSizeBytes);
    reply.put("new_size_bytes", device.sizeBytes());
    reply.put("state", device.state().wireName());
    return reply;
  }

  private static void grow(DeviceSlots slots, long sizeBytes) {
    slots.quarantined(sizeBytes).ifPresent(DeviceAddition::refuseQuarantined);
    try {
      slots.resize(sizeBytes);
    } catch (DaxMemoryException e) {
      LOG.warn("resize refused: {}", e.getMessage());
      throw new ReconfigureException(400, "failed to remap DAX device");
    }
  }

  private void shrink(DeviceSlots slots, DaxRequest.Resize request) {
    long oldSlots = slots.slotsFor(slots.device().sizeBytes());
    long keptSlots = slots.slotsFor(request.sizeBytes());
    Evacuation evacuation = evacuation(slots, keptSlots, request.mode(), request.force());
    boolean done = false;
    slots.limit(keptSlots);
    try {
      evacuation.requireUnlocked();
      if (request.mode() == Mode.EVICT && !request.force() && slots.nextObject(keptSlots) >= 0) {
        throw new ReconfigureException(409, "resize shrink would drop live keys without migration");
      }
      evacuation.run(options.drainTimeout());
      slots.resize(request.sizeBytes());
      done = true;
    } finally {
      if (!done) {
        slots.limit(oldSlots);
      }
    }
  }

  private Evacuation evacuation(DeviceSlots slots, long fromSlot, Mode mode, boolean force) {
    return new Evacuation(slots, fromSlot, mode, force, () -> !isOpen(), nanoClock);
  }

  private DaxDevice find(Optional<Path> path) {
    return path.flatMap(registry::find)
        .orElseThrow(() -> new ReconfigureException(404, "DAX device not found"));
  }

  /** One operation runs at a time, so a device that may not move as asked has failed. */
  private static void move(DaxDevice device, DeviceState from, DeviceState to) {
    if (from == DeviceState.FAILED || !device.move(from, to)) {
      throw failed();
    }
  }

  /** Puts a device back where it was, unless it has failed since. */
  private static void restore(DaxDevice device, DeviceState former) {
    DeviceState now = device.state();
    if (now != former && now.mayBecome(former)) {
      device.move(now, former);
    }
  }

  private static Map<String, Object> reply(String operation) {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("status", "ok");
    reply.put("operation", operation);
    return reply;
  }

  private static Map<String, Object> reply(String operation, DaxDevice device) {
    Map<String, Object> reply = reply(operation);
    reply.put("device_path", device.path().toString());
    reply.put("index", device.index());
    return reply;
  }

  private static ReconfigureException failed() {
    return new ReconfigureException(409, "device has failed");
  }
}
