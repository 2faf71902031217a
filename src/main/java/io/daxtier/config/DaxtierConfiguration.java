package io.daxtier.config;

import io.daxtier.config.DaxProperties.Eviction;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.eviction.EvictionOptions;
import io.daxtier.eviction.EvictionPolicy;
import io.daxtier.eviction.EvictionService;
import io.daxtier.reconfigure.OperatorOptions;
import io.daxtier.reconfigure.dax.HotplugOptions;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.SlotStoreOptions;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Wires the core, which knows no Spring. Nothing here touches a device: the lifecycles do, when the
 * context starts.
 */
@Configuration(proxyBeanMethods = false)
class DaxtierConfiguration {

  @Bean
  Tier tier(ConfigurableEnvironment environment, ObjectProvider<ApplicationArguments> arguments) {
    ApplicationArguments given = arguments.getIfAvailable();
    List<String> commandLine = given == null ? List.of() : List.of(given.getSourceArgs());
    return TierBinder.bind(environment, commandLine, EmbeddedDevice::nextFolder);
  }

  @Bean
  DaxProperties daxProperties(Tier tier) {
    return tier.properties();
  }

  @Bean
  DaxDeviceRegistry deviceRegistry() {
    return new DaxDeviceRegistry();
  }

  @Bean
  SlotStore slotStore(DaxProperties properties) {
    Eviction eviction = properties.eviction();
    return new SlotStore(
        new SlotStoreOptions(
            properties.slotBytes(),
            eviction != null && eviction.policy() != EvictionPolicy.NOOP,
            properties.existsGrace(),
            properties.lockTimeout(),
            properties.quarantine()),
        System::nanoTime);
  }

  @Bean
  EvictionService evictionService(SlotStore store, DaxProperties properties) {
    return new EvictionService(
        store, evictionOptions(properties.eviction()), InstantSource.system());
  }

  /** Who may change the tier while it runs. */
  @Bean
  OperatorOptions operatorOptions(DaxProperties properties) {
    return new OperatorOptions(properties.adminToken());
  }

  /** What operators may do with devices; the embedded default's folder is theirs to try it out. */
  @Bean
  HotplugOptions hotplugOptions(Tier tier) {
    DaxProperties properties = tier.properties();
    List<String> allowed = new ArrayList<>(properties.allowedDevicePaths());
    tier.embeddedFolder().map(EmbeddedDevice::glob).ifPresent(allowed::add);
    return new HotplugOptions(
        properties.hotplugEnabled(),
        allowed,
        properties.startDevices().stream().map(device -> Path.of(device.devicePath())).toList(),
        properties.drainTimeout());
  }

  @Bean
  EmbeddedDevice embeddedDevice(Tier tier) {
    return new EmbeddedDevice(tier.embeddedFolder().orElseGet(() -> Path.of("")));
  }

  @Bean
  DeviceLifecycle deviceLifecycle(
      Tier tier,
      EmbeddedDevice embedded,
      DaxDeviceRegistry registry,
      SlotStore store,
      EvictionService eviction) {
    return new DeviceLifecycle(tier, embedded, registry, store, eviction);
  }

  private static @Nullable EvictionOptions evictionOptions(@Nullable Eviction eviction) {
    return eviction == null
        ? null
        : new EvictionOptions(
            eviction.policy(), eviction.triggerWatermark(), eviction.evictionRatio());
  }
}
