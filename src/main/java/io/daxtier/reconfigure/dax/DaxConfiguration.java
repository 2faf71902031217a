package io.daxtier.reconfigure.dax;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.SlotStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the DAX devices a backend of the reconfigure API. */
@Configuration(proxyBeanMethods = false)
class DaxConfiguration {

  @Bean(destroyMethod = "")
  DaxHotplug daxHotplug(DaxDeviceRegistry registry, SlotStore store, HotplugOptions options) {
    return new DaxHotplug(registry, store, options, System::nanoTime);
  }

  @Bean
  DaxBackend daxBackend(DaxHotplug hotplug) {
    return new DaxBackend(hotplug);
  }
}
