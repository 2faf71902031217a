package io.daxtier.config;

import io.daxtier.config.DaxProperties.Device;
import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DuplicateDeviceException;
import io.daxtier.eviction.EvictionService;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Maps the devices when the context starts, before any door opens, and unmaps them after the last
 * one has closed. The container calls it from one thread at a time.
 */
final class DeviceLifecycle implements SmartLifecycle {

  static final int PHASE = 0;

  private static final Logger LOG = LoggerFactory.getLogger(DeviceLifecycle.class);

  private final Tier tier;
  private final EmbeddedDevice embedded;
  private final DaxDeviceRegistry registry;
  private final SlotStore store;
  private final EvictionService eviction;
  private volatile boolean running;

  DeviceLifecycle(
      Tier tier,
      EmbeddedDevice embedded,
      DaxDeviceRegistry registry,
      SlotStore store,
      EvictionService eviction) {
    this.tier = tier;
    this.embedded = embedded;
    this.registry = registry;
    this.store = store;
    this.eviction = eviction;
  }

  /**
   * Maps every device of the configuration.
   *
   * @throws ConfigurationException if one of them cannot be used
   */
  @Override
  public void start() {
    tier.notices().forEach(LOG::warn);
    List<Device> devices = tier.properties().startDevices();
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      if (tier.embeddedFolder().isPresent()) {
        makeEmbedded(device);
      }
      attach(device, field(i));
    }
    if (devices.isEmpty()) {
      LOG.info("No device yet: the device list is empty");
    }
    eviction.start();
    running = true;
  }

  private void makeEmbedded(Device device) {
    embedded.make(Path.of(device.devicePath()), device.sizeBytes());
    LOG.warn(
        "No device is configured, so this is the embedded default: objects live in {} ({} GiB,"
            + " slots of {} bytes) and are gone when the service ends",
        device.devicePath(),
        device.maxDaxSizeGb(),
        tier.properties().slotBytes());
  }

  private void attach(Device configured, String field) {
    try {
      DaxDevice device = registry.add(Path.of(configured.devicePath()), configured.sizeBytes());
      long slotBytes = tier.properties().slotBytes();
      if (device.sizeBytes() < slotBytes) {
        throw new ConfigurationException(
            "%s: %s can only be mapped in whole pages of its own, which leaves %d bytes and does not fit one slot of %d"
                .formatted(field, device.path(), device.sizeBytes(), slotBytes));
      }
      store.attach(device);
      LOG.info("Mapped {}: {} slots", device.path(), device.sizeBytes() / slotBytes);
    } catch (DaxMemoryException | DuplicateDeviceException e) {
      throw new ConfigurationException(field + ": " + e.getMessage(), e);
    }
  }

  private String field(int index) {
    String field =
        tier.properties().devices() == null ? "device_path" : "devices[" + index + "].device_path";
    return TierBinder.label(tier.source(), field);
  }

  @Override
  public void stop() {
    running = false;
    eviction.close();
    registry.close();
    try {
      embedded.close();
    } catch (IOException e) {
      LOG.warn("The embedded default's folder could not be deleted: {}", e.toString());
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
