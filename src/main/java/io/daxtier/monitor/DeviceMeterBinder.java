package io.daxtier.monitor;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DeviceState;
import io.daxtier.monitor.TierSnapshots.DeviceSnapshot;
import io.daxtier.slot.DeviceSlots;
import io.daxtier.slot.SlotStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;

/**
 * Meters of each device, labelled with its path. {@link #refresh} adds those of new devices and
 * takes away those of removed ones; the values are read when they are asked for. A failed device
 * stays, without capacity.
 */
final class DeviceMeterBinder implements MeterBinder {

  private final SlotStore store;
  private final TierSnapshots snapshots;
  private final List<DeviceGauges> bound = new CopyOnWriteArrayList<>();

  DeviceMeterBinder(SlotStore store, TierSnapshots snapshots) {
    this.store = store;
    this.snapshots = snapshots;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bound.add(new DeviceGauges(registry));
    refresh();
  }

  /** Lets meters follow the devices. */
  synchronized void refresh() {
    List<DaxDevice> devices = store.devices().stream().map(DeviceSlots::device).toList();
    bound.forEach(gauges -> gauges.follow(devices));
  }

  /** The meters in one registry. */
  private final class DeviceGauges {
    private final MultiGauge slots;
    private final MultiGauge locked;
    private final MultiGauge borrowed;
    private final MultiGauge graced;
    private final MultiGauge payload;
    private final MultiGauge capacity;

    DeviceGauges(MeterRegistry registry) {
      slots = slots(registry, "daxtier.slots", "Slots by state");
      locked = slots(registry, "daxtier.slots.locked", "Slots that sessions hold locks on");
      borrowed = slots(registry, "daxtier.slots.borrowed", "Slots being read in the service");
      graced = slots(registry, "daxtier.slots.graced", "Objects that EXISTS keeps from eviction");
      payload = bytes(registry, "daxtier.payload.bytes", "Bytes of the objects themselves");
      capacity = bytes(registry, "daxtier.capacity.bytes", "Bytes of all slots, 0 if failed");
    }

    /** Without a unit, which Prometheus would append to the name. */
    private static MultiGauge slots(MeterRegistry registry, String name, String description) {
      return MultiGauge.builder(name).description(description).register(registry);
    }

    private static MultiGauge bytes(MeterRegistry registry, String name, String description) {
      return MultiGauge.builder(name)
          .baseUnit(BaseUnits.BYTES)
          .description(description)
          .register(registry);
    }

    void follow(List<DaxDevice> devices) {
      slots.register(devices.stream().flatMap(d -> bySlotState(d).stream()).toList());
      locked.register(rows(devices, d -> d.counts().locked()));
      borrowed.register(rows(devices, d -> d.counts().borrowed()));
      graced.register(rows(devices, d -> d.counts().graced()));
      payload.register(rows(devices, d -> d.counts().payloadBytes()));
      capacity.register(rows(devices, DeviceMeterBinder.this::capacityBytes));
    }
  }

  private List<Row<?>> rows(List<DaxDevice> devices, ToDoubleFunction<DeviceSnapshot> value) {
    return devices.stream().<Row<?>>map(device -> row(device, tags(device), value)).toList();
  }

  private List<Row<?>> bySlotState(DaxDevice device) {
    Tags tags = tags(device);
    return List.of(
        row(device, tags.and("state", "free"), DeviceMeterBinder::free),
        row(device, tags.and("state", "reserved"), d -> d.counts().reserved()),
        row(device, tags.and("state", "committed"), d -> d.counts().committed()),
        row(device, tags.and("state", "retired"), d -> d.counts().retired()));
  }

  /** Reads by path, as its label is: a device that was removed and added again has another id. */
  private Row<?> row(DaxDevice device, Tags tags, ToDoubleFunction<DeviceSnapshot> value) {
    Path path = device.path();
    return Row.of(
        tags, snapshots, s -> s.latest().device(path).map(value::applyAsDouble).orElse(Double.NaN));
  }

  private static Tags tags(DaxDevice device) {
    return Tags.of("device", device.path().toString());
  }

  private static double free(DeviceSnapshot snapshot) {
    return snapshot.device().state() == DeviceState.FAILED ? 0 : snapshot.counts().free();
  }

  private double capacityBytes(DeviceSnapshot snapshot) {
    return snapshot.device().state() == DeviceState.FAILED
        ? 0
        : (double) snapshot.counts().slots() * store.options().slotBytes();
  }
}
