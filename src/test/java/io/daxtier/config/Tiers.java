package io.daxtier.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Binds a configuration as a started service would, from a file, an environment and arguments. */
final class Tiers {

  static final Path EMBEDDED_FOLDER = Path.of("/tmp/daxtier-test");

  private final Map<String, Object> variables = new LinkedHashMap<>();
  private final Map<String, Object> systemProperties = new LinkedHashMap<>();
  private String[] arguments = {};
  private String yaml = "";
  private Map<String, Object> properties = Map.of();

  static Tiers given() {
    return new Tiers();
  }

  Tiers variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  Tiers arguments(String... given) {
    arguments = given;
    return this;
  }

  Tiers yaml(String text) {
    yaml = text;
    return this;
  }

  Tiers systemProperty(String name, String value) {
    systemProperties.put(name, value);
    return this;
  }

  Tiers properties(Map<String, Object> given) {
    properties = given;
    return this;
  }

  Tier bind() {
    StandardEnvironment environment = new StandardEnvironment();
    var sources = environment.getPropertySources();
    sources.replace(
        StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
        new MapPropertySource(
            StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, systemProperties));
    sources.replace(
        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
        new SystemEnvironmentPropertySource(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    sources.addFirst(new SimpleCommandLinePropertySource(arguments));
    sources.addLast(new MapPropertySource("properties", properties));
    try {
      new YamlPropertySourceLoader()
          .load("file", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
          .forEach(sources::addLast);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TierBinder.bind(environment, List.of(arguments), () -> EMBEDDED_FOLDER);
  }
}
