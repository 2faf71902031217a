package io.daxtier.monitor;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DeviceState;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * One health component per device, named by its id. It looks at the registry on every call, so that
 * devices come and go with their operators' will: a removed device has no component. A failed one
 * is {@link #DEGRADED}: what it held is gone, everything else goes on.
 */
final class DevicesHealthContributor implements CompositeHealthContributor {

  /** A part has failed and the service goes on without it. */
  static final Status DEGRADED = new Status("DEGRADED", "a device has failed and the others serve");

  private final DaxDeviceRegistry registry;

  DevicesHealthContributor(DaxDeviceRegistry registry) {
    this.registry = registry;
  }

  @Override
  public @Nullable HealthContributor getContributor(String name) {
    return mapped()
        .filter(device -> name(device).equals(name))
        .findFirst()
        .map(DevicesHealthContributor::indicator)
        .orElse(null);
  }

  @Override
  public Stream<Entry> stream() {
    return mapped().map(device -> new Entry(name(device), indicator(device)));
  }

  private Stream<DaxDevice> mapped() {
    return registry.devices().stream().filter(device -> device.state().isMapped());
  }

  private static String name(DaxDevice device) {
    return Integer.toString(device.id());
  }

  private static HealthIndicator indicator(DaxDevice device) {
    return () -> health(device);
  }

  private static Health health(DaxDevice device) {
    DeviceState state = device.state();
    Health.Builder health = state == DeviceState.FAILED ? Health.status(DEGRADED) : Health.up();
    health
        .withDetail("devicePath", device.path().toString())
        .withDetail("state", state.wireName())
        .withDetail("sizeBytes", device.sizeBytes());
    device.failure().ifPresent(failure -> health.withDetail("failure", failure));
    return health.build();
  }
}
