package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.fail;
import static io.daxtier.monitor.TierActions.remove;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DeviceState;
import io.daxtier.memory.DaxMemoryException;
import io.daxtier.slot.TestTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

class DevicesHealthTest {

  private TestTier tier;
  private DevicesHealthContributor devices;
  private UsableDevicesHealthIndicator usable;

  @BeforeEach
  void openTier(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
    devices = new DevicesHealthContributor(tier.registry);
    usable = new UsableDevicesHealthIndicator(tier.registry);
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void health_withNoDevice_isUpAndHasNoComponent() {
    assertThat(devices.stream()).isEmpty();
    assertThat(usable.health().getStatus()).isEqualTo(Status.UP);
    assertThat(overall()).isEqualTo(Status.UP);
  }

  @Test
  void health_ofDevices_hasOneComponentEach() {
    DaxDevice first = tier.addDevice(4);
    DaxDevice second = tier.addDevice(4);

    assertThat(devices.stream().map(HealthContributors.Entry::name))
        .containsExactly(Integer.toString(first.id()), Integer.toString(second.id()));
    Health health = health(first);
    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails())
        .containsEntry("devicePath", first.path().toString())
        .containsEntry("state", "active")
        .containsEntry("sizeBytes", 4L * SLOT_BYTES)
        .doesNotContainKey("failure");
    assertThat(devices.getContributor("nonsense")).isNull();
  }

  @Test
  void health_ofDrainingDevice_isUp() {
    DaxDevice device = tier.addDevice(4);
    device.move(DeviceState.ACTIVE, DeviceState.DRAINING);

    assertThat(health(device).getDetails()).containsEntry("state", "draining");
    assertThat(overall()).isEqualTo(Status.UP);
  }

  @Test
  void health_afterOneOfTwoFailed_isDegradedAndReady() {
    DaxDevice failed = tier.addDevice(4);
    tier.addDevice(4);
    fail(tier, failed);

    assertThat(health(failed).getStatus()).isEqualTo(DevicesHealthContributor.DEGRADED);
    assertThat(health(failed).getDetails()).containsEntry("failure", "page lost");
    assertThat(usable.health().getStatus()).isEqualTo(Status.UP);
    assertThat(usable.health().getDetails())
        .containsEntry("usable", 1L)
        .containsEntry("devices", 2);
    assertThat(overall()).isEqualTo(DevicesHealthContributor.DEGRADED);
  }

  @Test
  void health_afterAllFailed_isDown() {
    DaxDevice failed = tier.addDevice(4);
    fail(tier, failed);

    assertThat(usable.health().getStatus()).isEqualTo(Status.DOWN);
    assertThat(overall()).isEqualTo(Status.DOWN);
  }

  @Test
  void health_afterDeviceRemoved_isUpWithoutIt() {
    DaxDevice failed = tier.addDevice(4);
    DaxDevice healthy = tier.addDevice(4);
    fail(tier, failed);
    remove(tier, failed);

    assertThat(devices.stream().map(HealthContributors.Entry::name))
        .containsExactly(Integer.toString(healthy.id()));
    assertThat(devices.getContributor(Integer.toString(failed.id()))).isNull();
    assertThat(overall()).isEqualTo(Status.UP);
  }

  @Test
  void health_afterLastDeviceRemoved_isUp() {
    remove(tier, tier.addDevice(4));

    assertThat(overall()).isEqualTo(Status.UP);
  }

  @Test
  void health_afterRefusedDevice_saysWhyUntilOneIsMapped(@TempDir Path other) throws IOException {
    Path empty = Files.createFile(other.resolve("empty"));
    assertThatThrownBy(() -> tier.registry.add(empty, SLOT_BYTES))
        .isInstanceOf(DaxMemoryException.class);

    assertThat(usable.health().getStatus()).isEqualTo(Status.UP);
    assertThat(usable.health().getDetails())
        .extractingByKey("lastRefusal", as(InstanceOfAssertFactories.STRING))
        .startsWith(empty + " holds 0 bytes");

    tier.addDevice(4);
    assertThat(usable.health().getDetails()).doesNotContainKey("lastRefusal");
  }

  private Health health(DaxDevice device) {
    return health(Objects.requireNonNull(devices.getContributor(Integer.toString(device.id()))));
  }

  private static Health health(HealthContributor contributor) {
    return Objects.requireNonNull(((HealthIndicator) contributor).health());
  }

  /** What /actuator/health makes of it. */
  private Status overall() {
    Set<Status> statuses =
        devices.stream().map(e -> health(e.contributor()).getStatus()).collect(Collectors.toSet());
    statuses.add(usable.health().getStatus());
    StatusAggregator aggregator = new MonitorConfiguration().statusAggregator();
    return aggregator.getAggregateStatus(statuses);
  }
}
