package io.daxtier.monitor;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.eviction.EvictionService;
import io.daxtier.resp.RespServer;
import io.daxtier.slot.SlotStore;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this room. */
@Configuration(proxyBeanMethods = false)
class MonitorConfiguration {

  @Bean
  SlotsEndpoint slotsEndpoint(SlotStore store, EvictionService eviction) {
    return new SlotsEndpoint(store, eviction);
  }

  @Bean
  SessionsEndpoint sessionsEndpoint(SlotStore store) {
    return new SessionsEndpoint(store);
  }

  @Bean
  DevicesHealthContributor devicesHealthContributor(DaxDeviceRegistry devices) {
    return new DevicesHealthContributor(devices);
  }

  @Bean
  UsableDevicesHealthIndicator usableDevicesHealthIndicator(DaxDeviceRegistry devices) {
    return new UsableDevicesHealthIndicator(devices);
  }

  /**
   * The worst part gives the whole its status. DEGRADED has no HTTP status of its own and so is
   * 200: a load balancer that took the service away would take the objects on the other devices
   * away too.
   */
  @Bean
  StatusAggregator statusAggregator() {
    return StatusAggregator.of(
        Status.DOWN,
        Status.OUT_OF_SERVICE,
        DevicesHealthContributor.DEGRADED,
        Status.UP,
        Status.UNKNOWN);
  }

  @Bean
  TierSnapshots tierSnapshots(SlotStore store) {
    return new TierSnapshots(store, System::nanoTime);
  }

  @Bean
  TierMeterBinder tierMeterBinder(DaxDeviceRegistry devices, TierSnapshots snapshots) {
    return new TierMeterBinder(devices, snapshots);
  }

  @Bean
  DeviceMeterBinder deviceMeterBinder(SlotStore store, TierSnapshots snapshots) {
    return new DeviceMeterBinder(store, snapshots);
  }

  @Bean
  SaltMeterBinder saltMeterBinder(SlotStore store) {
    return new SaltMeterBinder(store);
  }

  @Bean
  RespMeterBinder respMeterBinder(RespServer server) {
    return new RespMeterBinder(server::snapshot);
  }

  @Bean
  OperationMeters operationMeters(MeterRegistry registry) {
    return new OperationMeters(registry);
  }

  @Bean
  MeterRefresher meterRefresher(DeviceMeterBinder devices, SaltMeterBinder salts) {
    return new MeterRefresher(devices, salts);
  }
}
