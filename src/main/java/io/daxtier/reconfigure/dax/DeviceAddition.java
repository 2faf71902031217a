package io.daxtier.reconfigure.dax;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DeviceState;
import io.daxtier.device.DuplicateDeviceException;
import io.daxtier.memory.DaxMapping;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.memory.DeviceIdentity;
import io.daxtier.reconfigure.ReconfigureException;
import io.daxtier.slot.SlotStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps devices that operators add. For one thread at a time. */
final class DeviceAddition {

  private static final Logger LOG = LoggerFactory.getLogger(DeviceAddition.class);

  private final DaxDeviceRegistry registry;
  private final SlotStore store;

  DeviceAddition(DaxDeviceRegistry registry, SlotStore store) {
    this.registry = registry;
    this.store = store;
  }

  /**
   * Maps a device, or finds it mapped. A device that was draining is active afterwards.
   *
   * @param path its name from now on
   * @param realPath where that led when it was found to be allowed
   */
  DaxDevice add(Path path, Path realPath, long sizeBytes) {
    if (sizeBytes < store.options().slotBytes()) {
      throw tooSmall();
    }
    Optional<DaxDevice> mapped = registry.find(path);
    if (mapped.isPresent()) {
      return again(mapped.get(), sizeBytes);
    }
    DaxDevice device;
    try {
      DeviceIdentity identity = registry.identify(realPath);
      store.quarantined(identity).ifPresent(DeviceAddition::refuseQuarantined);
      device = registry.add(path, sizeBytes, mapping -> check(mapping, identity));
    } catch (DuplicateDeviceException e) {
      return again(e.device(), sizeBytes);
    } catch (DaxMemoryException e) {
      throw unmappable(e);
    }
    store.attach(device);
    return device;
  }

  private void check(DaxMapping mapping, DeviceIdentity judged) {
    if (!mapping.identity().equals(judged)) {
      // Someone has turned the path elsewhere since it was judged.
      throw notAllowed();
    }
    if (mapping.sizeBytes() < store.options().slotBytes()) {
      throw tooSmall();
    }
  }

  private static DaxDevice again(DaxDevice device, long sizeBytes) {
    if (device.state() == DeviceState.FAILED) {
      throw new ReconfigureException(409, "device has failed");
    }
    if (!device.hasSize(sizeBytes)) {
      throw new ReconfigureException(409, "device_path already active with a different size");
    }
    if (device.state() == DeviceState.DRAINING) {
      device.move(DeviceState.DRAINING, DeviceState.ACTIVE);
    }
    return device;
  }

  private static ReconfigureException unmappable(DaxMemoryException cause) {
    LOG.warn("add refused: {}", cause.getMessage());
    return cause.reason() == DaxMemoryException.Reason.IN_USE
        ? new ReconfigureException(409, "device is in use by another process")
        : new ReconfigureException(400, "failed to map DAX device");
  }

  static void refuseQuarantined(Duration left) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", "device may still be written to by a client that was disconnected");
    body.put("retry_after_seconds", left.toSeconds() + 1);
    throw new ReconfigureException(409, body);
  }

  static ReconfigureException notAllowed() {
    return new ReconfigureException(403, "device_path is not allowed");
  }

  static ReconfigureException tooSmall() {
    return new ReconfigureException(400, "size_bytes does not fit one slot");
  }
}
