package io.daxtier.config;

import io.daxtier.eviction.EvictionPolicy;
import java.nio.file.FileSystems;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything under {@code dax}, whichever way it was given. An instance is valid: its constructor
 * refuses everything else with an {@link InvalidFieldException}. {@link TierBinder} makes it.
 *
 * @param devicePath The one device, a character device or a regular file. Ignored if there is a
 *     device list.
 * @param maxDaxSizeGb How much of device-path to use, in GiB; fractions are fine.
 * @param slotBytes Size of a slot in bytes, the same on all devices: the largest object.
 * @param devices The devices, if there is more than one. An empty list needs hotplug-enabled.
 * @param numStoreWorkers How many stores may move bytes at the same time.
 * @param numLookupWorkers How many lookups may work at the same time.
 * @param numLoadWorkers How many loads may move bytes at the same time. The default is the number
 *     of processors, at most 4.
 * @param hotplugEnabled Whether devices may be added, removed and resized while the service runs.
 * @param persistEnabled Accepted for LMCache's sake, without effect yet.
 * @param eviction When and what to evict. Without it nothing is ever evicted.
 * @param existsGrace How long an object that EXISTS promised is kept from eviction.
 * @param lockTimeout How long a lock or a reservation of the fast path lasts unless it is renewed.
 * @param quarantine How long the slots of a session that was ended by force are held back.
 * @param drainTimeout How long a removal or a shrink waits for what is locked or in progress.
 * @param transferTimeout A transfer that moves less than 64 KiB/s over this time is aborted.
 * @param allowedDevicePaths Which paths may be added while the service runs: globs in which a star
 *     does not cross a slash.
 * @param adminToken Bearer token that changes need. Without it only loopback callers may change
 *     anything.
 * @param resp The data plane.
 */
@ConfigurationProperties("dax")
public record DaxProperties(
    @Nullable String devicePath,
    double maxDaxSizeGb,
    long slotBytes,
    @Nullable List<Device> devices,
    @DefaultValue("1") int numStoreWorkers,
    @DefaultValue("1") int numLookupWorkers,
    @Nullable Integer numLoadWorkers,
    @DefaultValue("false") boolean hotplugEnabled,
    @DefaultValue("false") boolean persistEnabled,
    @Nullable Eviction eviction,
    @DefaultValue("10s") Duration existsGrace,
    @DefaultValue("300s") Duration lockTimeout,
    @DefaultValue("60s") Duration quarantine,
    @DefaultValue("30s") Duration drainTimeout,
    @DefaultValue("30s") Duration transferTimeout,
    @DefaultValue("/dev/dax*") List<String> allowedDevicePaths,
    @Nullable String adminToken,
    @NestedConfigurationProperty @DefaultValue RespProperties resp) {

  private static final int MOST_DEFAULT_LOAD_WORKERS = 4;
  private static final double BYTES_PER_GIB = 1L << 30;

  public DaxProperties {
    if (devices == null) {
      devicePath = Check.path("device_path", devicePath);
      Check.positive("max_dax_size_gb", maxDaxSizeGb);
      Check.positive("slot_bytes", slotBytes);
      checkFits("max_dax_size_gb", "even one slot", bytes(maxDaxSizeGb), slotBytes);
    } else {
      devices = List.copyOf(devices);
      if (devices.isEmpty() && !hotplugEnabled) {
        throw new InvalidFieldException(
            "devices", "may be empty only when hotplug_enabled is true");
      }
      Check.positive("slot_bytes", slotBytes);
      for (int i = 0; i < devices.size(); i++) {
        checkFits("devices[" + i + "]", "one slot", devices.get(i).sizeBytes(), slotBytes);
      }
    }
    Check.positive("num_store_workers", numStoreWorkers);
    Check.positive("num_lookup_workers", numLookupWorkers);
    numLoadWorkers =
        Check.positive(
            "num_load_workers",
            numLoadWorkers == null ? defaultLoadWorkers() : (int) numLoadWorkers);
    Check.duration("exists-grace", existsGrace);
    Check.positive("lock-timeout", lockTimeout);
    Check.duration("quarantine", quarantine);
    Check.duration("drain-timeout", drainTimeout);
    Check.positive("transfer-timeout", transferTimeout);
    allowedDevicePaths = allowedDevicePaths.stream().map(DaxProperties::glob).toList();
    adminToken = Check.absentIfBlank(adminToken);
  }

  /** The devices to map at the start, in order: the list, or the one device. */
  public List<Device> startDevices() {
    return devices != null
        ? devices
        : List.of(new Device(Check.path("device_path", devicePath), maxDaxSizeGb));
  }

  /** How many loads may move bytes at the same time. */
  public int loadWorkers() {
    return numLoadWorkers == null ? defaultLoadWorkers() : numLoadWorkers;
  }

  private static void checkFits(String field, String what, long sizeBytes, long slotBytes) {
    if (sizeBytes < slotBytes) {
      throw new InvalidFieldException(
          field,
          "configured DAX arena does not fit %s: max_dax_size_gb is %d bytes and slot_bytes is %d"
              .formatted(what, sizeBytes, slotBytes));
    }
  }

  private static int defaultLoadWorkers() {
    return Math.min(MOST_DEFAULT_LOAD_WORKERS, Runtime.getRuntime().availableProcessors());
  }

  private static long bytes(double gib) {
    return (long) (gib * BYTES_PER_GIB);
  }

  private static String glob(String text) {
    String glob = Check.nonEmpty("allowed-device-paths", text);
    try {
      FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (IllegalArgumentException e) {
      throw new InvalidFieldException(
          "allowed-device-paths", "must be a list of globs, which " + glob + " is not");
    }
    if (!glob.startsWith("/")) {
      throw new InvalidFieldException(
          "allowed-device-paths", "must be a list of absolute paths, which " + glob + " is not");
    }
    return glob;
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "DaxProperties[slotBytes=" + slotBytes + ", devices=" + startDevices() + "]";
  }

  /**
   * One device of the device list.
   *
   * @param devicePath A character device or a regular file.
   * @param maxDaxSizeGb How much of it to use, in GiB; fractions are fine.
   */
  public record Device(String devicePath, double maxDaxSizeGb) {

    public Device {
      devicePath = Check.path("device_path", devicePath);
      Check.positive("max_dax_size_gb", maxDaxSizeGb);
    }

    /** Bytes to use, before the device's alignment is considered. */
    public long sizeBytes() {
      return bytes(maxDaxSizeGb);
    }
  }

  /**
   * When and what to evict.
   *
   * @param evictionPolicy LRU, or noop, which never evicts.
   * @param triggerWatermark Used fraction of all slots from which each second's tick evicts.
   * @param evictionRatio Fraction of the objects that a tick evicts, at least one; with 0 only
   *     stores that find no free slot evict.
   */
  public record Eviction(
      String evictionPolicy,
      @DefaultValue("0.8") double triggerWatermark,
      @DefaultValue("0.2") double evictionRatio) {

    public Eviction {
      known(evictionPolicy);
      Check.watermark("trigger_watermark", triggerWatermark);
      Check.ratio("eviction_ratio", evictionRatio);
    }

    public EvictionPolicy policy() {
      return known(evictionPolicy);
    }

    private static EvictionPolicy known(@Nullable String name) {
      return switch (name == null ? "" : name.strip().toLowerCase(Locale.ROOT)) {
        case "lru" -> EvictionPolicy.LRU;
        case "noop" -> EvictionPolicy.NOOP;
        case "isolatedlru", "arc" ->
            throw new InvalidFieldException(
                "eviction_policy", name + " is not supported yet: it must be LRU or noop");
        default -> throw new InvalidFieldException("eviction_policy", Check.POLICY);
      };
    }
  }
}
