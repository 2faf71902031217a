package io.daxtier.monitor;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.daxtier.device.DaxDevice;
import io.daxtier.eviction.EvictionOptions;
import io.daxtier.eviction.EvictionPolicy;
import io.daxtier.eviction.EvictionService;
import io.daxtier.eviction.EvictionStatus;
import io.daxtier.slot.DeviceSlots;
import io.daxtier.slot.EvictionCounts;
import io.daxtier.slot.SaltUsage;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.StoreUsage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@code /actuator/slots}: how full the tier is, by device, by {@code cache_salt} and in all, and
 * what eviction does about it. Each device is counted at one moment; the devices one after another.
 */
@Endpoint(id = "slots")
public final class SlotsEndpoint {

  /** Salts that are listed, those with the most objects. */
  static final int MAX_SALTS = 100;

  private final SlotStore store;
  private final EvictionService eviction;

  public SlotsEndpoint(SlotStore store, EvictionService eviction) {
    this.store = store;
    this.eviction = eviction;
  }

  @ReadOperation
  public TierDescriptor slots() {
    List<DeviceDescriptor> devices = store.devices().stream().map(DeviceDescriptor::of).toList();
    SlotCounts total =
        devices.stream()
            .filter(DeviceDescriptor::usable)
            .map(DeviceDescriptor::counts)
            .reduce(SlotCounts.NONE, SlotCounts::plus);
    StoreUsage usage = store.usage();
    return new TierDescriptor(
        usage.slotBytes(),
        usage.objects(),
        total,
        devices,
        store.usageBySalt(MAX_SALTS).stream().map(SaltDescriptor::of).toList(),
        EvictionDescriptor.of(eviction.status(), usage.evictions()));
  }

  /** One device, null if no device with slots has that id. */
  @ReadOperation
  public @Nullable DeviceDescriptor device(@Selector int deviceId) {
    return store.devices().stream()
        .filter(slots -> slots.device().id() == deviceId)
        .findFirst()
        .map(DeviceDescriptor::of)
        .orElse(null);
  }

  /**
   * The whole tier.
   *
   * @param total all devices that can be read; a failed device is listed but not part of it
   * @param salts the salts with the most objects, at most {@value SlotsEndpoint#MAX_SALTS}
   */
  public record TierDescriptor(
      long slotBytes,
      long objects,
      SlotCounts total,
      List<DeviceDescriptor> devices,
      List<SaltDescriptor> salts,
      EvictionDescriptor eviction) {}

  /** One device and its slots. */
  public record DeviceDescriptor(
      int deviceId,
      String devicePath,
      String state,
      boolean usable,
      long sizeBytes,
      @JsonUnwrapped SlotCounts counts) {

    static DeviceDescriptor of(DeviceSlots slots) {
      DaxDevice device = slots.device();
      return new DeviceDescriptor(
          device.id(),
          device.path().toString(),
          device.state().wireName(),
          device.state().isUsable(),
          device.sizeBytes(),
          SlotCounts.of(slots.usage()));
    }
  }

  /** What the objects of one {@code cache_salt} use; the empty salt is that of all others. */
  public record SaltDescriptor(String cacheSalt, long objects, long slots, long payloadBytes) {

    static SaltDescriptor of(SaltUsage usage) {
      return new SaltDescriptor(usage.salt(), usage.objects(), usage.slots(), usage.payloadBytes());
    }
  }

  /**
   * What eviction does.
   *
   * @param policy absent if there is none
   * @param lastRun when the watermark last made objects go, absent before
   * @param lastEvicted how many went then
   * @param evicted how many went since the start, by reason
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record EvictionDescriptor(
      @Nullable String policy,
      @Nullable Double triggerWatermark,
      @Nullable Double evictionRatio,
      @Nullable Instant lastRun,
      long lastEvicted,
      EvictionCounts evicted) {

    static EvictionDescriptor of(EvictionStatus status, EvictionCounts counts) {
      Optional<EvictionOptions> options = status.options();
      return new EvictionDescriptor(
          options.map(EvictionOptions::policy).map(EvictionDescriptor::name).orElse(null),
          options.map(EvictionOptions::triggerWatermark).orElse(null),
          options.map(EvictionOptions::evictionRatio).orElse(null),
          status.lastRun().orElse(null),
          status.lastEvicted(),
          counts);
    }

    /** As it is configured. */
    private static String name(EvictionPolicy policy) {
      return switch (policy) {
        case LRU -> "LRU";
        case NOOP -> "noop";
      };
    }
  }
}
