package io.daxtier;

import io.daxtier.command.Commands;
import java.util.OptionalInt;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The Daxtier process: Device-DAX memory of this host as an L2 tier for LLM KV caches. */
@SpringBootApplication(proxyBeanMethods = false)
public class DaxtierApplication {

  public static void main(String[] args) {
    OptionalInt exitCode = Commands.run(args, System.getenv(), System.out);
    if (exitCode.isPresent()) {
      System.exit(exitCode.getAsInt());
    }
    SpringApplication.run(DaxtierApplication.class, args);
  }
}
