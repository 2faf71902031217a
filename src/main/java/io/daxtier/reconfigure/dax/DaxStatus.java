package io.daxtier.reconfigure.dax;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.daxtier.device.DaxDevice;
import io.daxtier.slot.DeviceUsage;
import io.daxtier.slot.SlotStore;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The devices as LMCache's status shows them.
 *
 * @param totalCapacityBytes slots of all devices that can be read, in bytes
 * @param totalUsedBytes those of them that are not free
 * @param devices every device there ever was, in index order
 */
@JsonNaming(SnakeCaseStrategy.class)
record DaxStatus(
    boolean hotplugEnabled,
    long slotBytes,
    long totalCapacityBytes,
    long totalUsedBytes,
    List<Device> devices) {

  private static final DeviceUsage NOTHING = new DeviceUsage(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * One device.
   *
   * @param liveSlotCount slots that are not free
   * @param closing always false: a device that closes is gone from HTTP before
   * @param supportsRestartRecovery always false: objects end with the process
   * @param inflightLookupTasks always 0: a lookup never waits for a copy
   */
  @JsonNaming(SnakeCaseStrategy.class)
  record Device(
      @JsonProperty("is_healthy") boolean healthy,
      String devicePath,
      long maxDaxSizeBytes,
      long slotBytes,
      long maxSlots,
      long liveSlotCount,
      long lockedKeyCount,
      long borrowedSlotCount,
      int activeReadCount,
      int activeWriteCount,
      boolean closing,
      boolean supportsRestartRecovery,
      int index,
      int deviceId,
      String state,
      int inflightStoreTasks,
      int inflightLookupTasks,
      int inflightLoadTasks) {

    /** One device of a store, or one that is gone or about to be attached. */
    static Device of(DaxDevice device, SlotStore store) {
      return store.devices().stream()
          .filter(slots -> slots.device() == device)
          .findFirst()
          .map(slots -> of(device, slots.usage(), store.options().slotBytes()))
          .orElseGet(() -> of(device, NOTHING, store.options().slotBytes()));
    }

    private static Device of(DaxDevice device, DeviceUsage usage, long slotBytes) {
      return new Device(
          device.state().isUsable(),
          device.path().toString(),
          device.sizeBytes(),
          slotBytes,
          device.sizeBytes() / slotBytes,
          usage.used(),
          usage.locked(),
          usage.borrowed(),
          usage.activeReads(),
          usage.activeWrites(),
          false,
          false,
          device.index(),
          device.id(),
          device.state().wireName(),
          usage.activeWrites(),
          0,
          usage.activeReads());
    }
  }

  static DaxStatus of(boolean hotplugEnabled, List<DaxDevice> all, SlotStore store) {
    List<Device> devices = all.stream().map(device -> Device.of(device, store)).toList();
    List<Device> usable = devices.stream().filter(Device::healthy).toList();
    long slotBytes = store.options().slotBytes();
    return new DaxStatus(
        hotplugEnabled,
        slotBytes,
        usable.stream().mapToLong(Device::maxSlots).sum() * slotBytes,
        usable.stream().mapToLong(Device::liveSlotCount).sum() * slotBytes,
        devices);
  }
}
