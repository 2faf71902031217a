package io.daxtier.reconfigure.dax;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.SlotStore;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;

/** Makes the DAX devices a backend of the reconfigure API. */
@Configuration(proxyBeanMethods = false)
class DaxConfiguration {

  @Bean(destroyMethod = "")
  DaxHotplug daxHotplug(DaxDeviceRegistry registry, SlotStore store, HotplugOptions options) {
    return new DaxHotplug(registry, store, options, System::nanoTime);
  }

  /**
   * Stops a running operation as soon as the service begins to stop: the web server would wait for
   * its answer.
   */
  @Bean
  ApplicationListener<ContextClosedEvent> daxHotplugStop(
      DaxHotplug hotplug, ApplicationContext context) {
    return closed -> {
      if (closed.getApplicationContext().equals(context)) {
        hotplug.close();
      }
    };
  }

  @Bean
  DaxBackend daxBackend(DaxHotplug hotplug) {
    return new DaxBackend(hotplug);
  }

  @Bean
  DaxOpenApi daxOpenApi(DaxDeviceRegistry registry) {
    return new DaxOpenApi(registry);
  }
}
