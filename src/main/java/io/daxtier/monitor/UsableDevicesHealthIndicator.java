package io.daxtier.monitor;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the tier can serve: down when devices are there and none is usable. No device at all is
 * the operator's will and up, and so is one that could not be added. For readiness; a restart heals
 * no device, so never for liveness.
 */
final class UsableDevicesHealthIndicator implements HealthIndicator {

  private final DaxDeviceRegistry registry;

  UsableDevicesHealthIndicator(DaxDeviceRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Health health() {
    List<DaxDevice> mapped =
        registry.devices().stream().filter(device -> device.state().isMapped()).toList();
    long usable = mapped.stream().filter(device -> device.state().isUsable()).count();
    Health.Builder health = usable == 0 && !mapped.isEmpty() ? Health.down() : Health.up();
    health.withDetail("usable", usable).withDetail("devices", mapped.size());
    registry.lastRefusal().ifPresent(refusal -> health.withDetail("lastRefusal", refusal));
    return health.build();
  }
}
