package io.daxtier.reconfigure.dax;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What operators may do with devices.
 *
 * @param enabled whether they may do anything but look
 * @param allowedDevicePaths globs that a device's real path must match to be added
 * @param startDevices paths of the devices configured at start, allowed as they are
 * @param drainTimeout how long an operation waits for running reads, writes and locks
 */
public record HotplugOptions(
    boolean enabled,
    List<String> allowedDevicePaths,
    List<Path> startDevices,
    Duration drainTimeout) {

  /** Copies the lists. */
  public HotplugOptions {
    allowedDevicePaths = List.copyOf(allowedDevicePaths);
    startDevices = List.copyOf(startDevices);
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException("drain timeout must not be negative: " + drainTimeout);
    }
  }
}
