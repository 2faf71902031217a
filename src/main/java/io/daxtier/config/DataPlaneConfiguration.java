package io.daxtier.config;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.resp.RespObserver;
import io.daxtier.resp.RespOptions;
import io.daxtier.resp.RespServer;
import io.daxtier.slot.SlotStore;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the data plane. It listens when its lifecycle starts. */
@Configuration(proxyBeanMethods = false)
class DataPlaneConfiguration {

  @Bean
  RespServer respServer(
      SlotStore store,
      DaxDeviceRegistry registry,
      DaxProperties properties,
      ObjectProvider<RespObserver> observer) {
    return new RespServer(
        store, registry, respOptions(properties), observer.getIfAvailable(() -> RespObserver.NONE));
  }

  @Bean
  RespLifecycle respLifecycle(RespServer server, DaxProperties properties) {
    return new RespLifecycle(server, properties.resp().shutdownGrace());
  }

  static RespOptions respOptions(DaxProperties properties) {
    RespProperties resp = properties.resp();
    String unixSocket = resp.unixSocket();
    String password = resp.password();
    return new RespOptions(
        new RespOptions.Listen(
            resp.host(), resp.port(), unixSocket == null ? null : Path.of(unixSocket)),
        password == null ? null : new RespOptions.Credentials(resp.username(), password),
        resp.shareDevices(),
        new RespOptions.Limits(
            resp.maxConnections(),
            resp.maxArguments(),
            resp.maxKeyBytes(),
            Math.max(properties.slotBytes(), resp.maxBulkBytes()),
            resp.maxInlineBytes()),
        new RespOptions.Workers(
            properties.numStoreWorkers(), properties.numLookupWorkers(), properties.loadWorkers()),
        properties.transferTimeout());
  }
}
