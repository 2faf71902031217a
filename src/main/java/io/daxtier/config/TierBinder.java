package io.daxtier.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.PlaceholderResolutionException;
import org.springframework.util.PropertyPlaceholderHelper;
import org.springframework.util.SystemPropertyUtils;

/**
 * Brings the three ways of configuring a tier to the same typed properties: LMCache's JSON as an
 * argument, the same as an environment variable, and {@code dax.*}. The JSON becomes a property
 * source in front of all others, which lose the adapter's own properties; the embedded default one
 * behind all others, so that what is given stays.
 */
final class TierBinder {

  private static final ConfigurationPropertyName DAX = ConfigurationPropertyName.of("dax");
  private static final List<ConfigurationPropertyName> ADAPTER_PROPERTIES =
      AdapterJson.PROPERTIES.stream().map(ConfigurationPropertyName::of).toList();
  private static final ConfigurationPropertyName DEVICE_PATH =
      ConfigurationPropertyName.of("dax.device-path");
  private static final ConfigurationPropertyName DEVICES =
      ConfigurationPropertyName.of("dax.devices");
  private static final List<String> BLOCKS = List.of("eviction", "resp");

  /** Spring's own but for one thing: a variable that is not set is an error and not its name. */
  private static final PropertyPlaceholderHelper PLACEHOLDERS =
      new PropertyPlaceholderHelper(
          SystemPropertyUtils.PLACEHOLDER_PREFIX,
          SystemPropertyUtils.PLACEHOLDER_SUFFIX,
          SystemPropertyUtils.VALUE_SEPARATOR,
          SystemPropertyUtils.ESCAPE_CHARACTER,
          false);

  private final ConfigurableEnvironment environment;
  private final Supplier<Path> embeddedFolder;
  private final List<String> notices = new ArrayList<>();

  private TierBinder(ConfigurableEnvironment environment, Supplier<Path> embeddedFolder) {
    this.environment = environment;
    this.embeddedFolder = embeddedFolder;
  }

  /**
   * Reads the whole configuration; touches no device.
   *
   * @param arguments the command line
   * @param embeddedFolder names the folder that the embedded default would use
   * @throws ConfigurationException if anything is wrong with it
   */
  static Tier bind(
      ConfigurableEnvironment environment, List<String> arguments, Supplier<Path> embeddedFolder) {
    return new TierBinder(environment, embeddedFolder).bind(arguments);
  }

  private Tier bind(List<String> arguments) {
    String variable = variable();
    Optional<AdapterArgument> adapter = AdapterArgument.find(arguments, variable);
    List<ConfigurationPropertySource> sources = new ArrayList<>();
    Optional<Path> embedded = Optional.empty();
    if (adapter.isPresent()) {
      if (variable != null && !adapter.get().source().equals(AdapterArgument.VARIABLE)) {
        notices.add(AdapterArgument.VARIABLE + " is ignored: " + AdapterArgument.OPTION + " wins");
      }
      AdapterJson json = AdapterJson.read(adapter.get());
      sources.add(new MapConfigurationPropertySource(json.properties()));
      sources.addAll(withoutAdapterProperties(adapter.get().source()));
      if (!json.unknownFields().isEmpty()) {
        notices.add(
            "%s: unknown fields are ignored: %s"
                .formatted(adapter.get().source(), String.join(", ", json.unknownFields())));
      }
    } else {
      environmentSources().forEach(sources::add);
      if (!isGiven(sources, DEVICE_PATH) && !isGiven(sources, DEVICES)) {
        embedded = Optional.of(embeddedFolder.get());
        sources.add(EmbeddedDevice.properties(embedded.get()));
      }
    }
    String source = adapter.map(AdapterArgument::source).orElse("dax");
    sources.replaceAll(TierBinder::withoutEmptyBlocks);
    DaxProperties properties = bind(sources, source);
    addNotices(sources, source, properties);
    return new Tier(properties, source, embedded, List.copyOf(notices));
  }

  /** The variable as it is: as a property, its braces could be taken for placeholders. */
  private @Nullable String variable() {
    PropertySource<?> source =
        environment
            .getPropertySources()
            .get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    Object value = source == null ? null : source.getProperty(AdapterArgument.VARIABLE);
    return value == null || value.toString().isBlank() ? null : value.toString();
  }

  private Iterable<ConfigurationPropertySource> environmentSources() {
    return ConfigurationPropertySources.from(environment.getPropertySources());
  }

  private List<ConfigurationPropertySource> withoutAdapterProperties(String winner) {
    List<ConfigurationPropertySource> filtered = new ArrayList<>();
    for (ConfigurationPropertySource source : environmentSources()) {
      filtered.add(
          source.filter(name -> ADAPTER_PROPERTIES.stream().noneMatch(own -> isIn(own, name))));
    }
    List<String> ignored =
        ADAPTER_PROPERTIES.stream()
            .filter(own -> isGiven(environmentSources(), own))
            .map(ConfigurationPropertyName::toString)
            .toList();
    if (!ignored.isEmpty()) {
      notices.add("%s wins: ignored are %s".formatted(winner, String.join(", ", ignored)));
    }
    return filtered;
  }

  private static boolean isIn(ConfigurationPropertyName root, ConfigurationPropertyName name) {
    return root.equals(name) || root.isAncestorOf(name);
  }

  private static boolean isGiven(
      Iterable<ConfigurationPropertySource> sources, ConfigurationPropertyName name) {
    for (ConfigurationPropertySource source : sources) {
      if (source.getConfigurationProperty(name) != null
          || source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
        return true;
      }
    }
    return false;
  }

  /**
   * Without blocks that have nothing in them, such as {@code eviction:} in a file: to Spring they
   * are empty texts, and to us not given.
   *
   * @throws ConfigurationException if a block is any other text: where fields of it are given as
   *     well, Spring would overlook it
   */
  private static ConfigurationPropertySource withoutEmptyBlocks(ConfigurationPropertySource all) {
    ConfigurationPropertySource source = all;
    for (String block : BLOCKS) {
      ConfigurationPropertyName name = DAX.append(block);
      ConfigurationProperty property = source.getConfigurationProperty(name);
      if (property == null) {
        continue;
      }
      if (!property.getValue().toString().isBlank()) {
        throw new ConfigurationException(name + " " + Check.DICT);
      }
      source = source.filter(other -> !other.equals(name));
    }
    return source;
  }

  private DaxProperties bind(List<ConfigurationPropertySource> sources, String source) {
    try {
      return binder(sources)
          .bindOrCreate(DAX, Bindable.of(DaxProperties.class), BindHandler.DEFAULT);
    } catch (BindException e) {
      throw explained(e, source);
    }
  }

  private Binder binder(List<ConfigurationPropertySource> sources) {
    return new Binder(
        sources,
        new PropertySourcesPlaceholdersResolver(environment.getPropertySources(), PLACEHOLDERS));
  }

  private void addNotices(
      List<ConfigurationPropertySource> sources, String source, DaxProperties properties) {
    if (properties.devices() != null && properties.devicePath() != null) {
      notices.add(
          "%s and %s are both given: the device list wins"
              .formatted(label(source, "devices"), label(source, "device_path")));
    }
    if (properties.persistEnabled()) {
      notices.add(label(source, "persist_enabled") + " is accepted and has no effect yet");
    }
    try {
      BindHandler strict =
          new NoUnboundElementsBindHandler(BindHandler.DEFAULT, TierBinder::isOurs);
      binder(sources).bind(DAX, Bindable.of(DaxProperties.class), strict);
    } catch (BindException e) {
      if (e.getCause() instanceof UnboundConfigurationPropertiesException unbound) {
        notices.add(
            "unknown properties are ignored: "
                + String.join(
                    ", ",
                    unbound.getUnboundProperties().stream()
                        .map(property -> property.getName().toString())
                        .toList()));
      }
    }
  }

  /**
   * Whether all its {@code dax} properties are meant for us. Variables are not: Kubernetes makes
   * {@code DAX_PORT} of a Service that is called dax.
   */
  private static boolean isOurs(ConfigurationPropertySource source) {
    return !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource);
  }

  /** One sentence for what Spring's binder, or a record's constructor, had against the values. */
  private static ConfigurationException explained(BindException e, String source) {
    String name = e.getName().equals(DAX) ? "" : e.getName().toString().substring("dax.".length());
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidFieldException invalid) {
        String field = name.isEmpty() ? invalid.field() : name + "." + invalid.field();
        return new ConfigurationException(label(source, field) + " " + invalid.getMessage(), e);
      }
      if (cause instanceof PlaceholderResolutionException unset) {
        return new ConfigurationException(
            "%s refers to ${%s}, which is not set"
                .formatted(label(source, name), unset.getPlaceholder()),
            e);
      }
      if (cause instanceof UnboundConfigurationPropertiesException unbound) {
        return new ConfigurationException(
            "%s must be a list without a gap before %s"
                .formatted(
                    label(source, name),
                    unbound.getUnboundProperties().iterator().next().getName()),
            e);
      }
    }
    Class<?> type = e.getTarget().getType().resolve(Object.class);
    String field = adapterName(name.substring(name.lastIndexOf('.') + 1));
    return new ConfigurationException(
        label(source, name) + " " + Check.requirement(field, requirement(type)), e);
  }

  private static String requirement(Class<?> type) {
    return Map.<Class<?>, String>of(
            boolean.class, Check.TRUE_OR_FALSE,
            int.class, Check.POSITIVE_INTEGER,
            Integer.class, Check.POSITIVE_INTEGER,
            long.class, Check.POSITIVE_INTEGER,
            double.class, Check.POSITIVE_NUMBER,
            Duration.class, Check.DURATION,
            List.class, Check.LIST)
        .getOrDefault(type, Check.DICT);
  }

  /** The field as an operator knows it: LMCache's spelling for the adapter's own. */
  static String label(String source, String field) {
    boolean own =
        ADAPTER_PROPERTIES.stream()
            .anyMatch(root -> isIn(root, ConfigurationPropertyName.adapt("dax." + field, '.')));
    if (!own) {
      return "dax." + field;
    }
    return (source.equals("dax") ? "dax." : source + ": ") + adapterName(field);
  }

  private static String adapterName(String name) {
    return name.replace('-', '_');
  }
}
