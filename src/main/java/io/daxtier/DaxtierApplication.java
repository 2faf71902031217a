package io.daxtier;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The Daxtier process: Device-DAX memory of this host as an L2 tier for LLM KV caches. */
@SpringBootApplication(proxyBeanMethods = false)
public class DaxtierApplication {

  public static void main(String[] args) {
    SpringApplication.run(DaxtierApplication.class, args);
  }
}
