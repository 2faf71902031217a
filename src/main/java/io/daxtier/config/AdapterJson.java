package io.daxtier.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * LMCache's adapter JSON as values of {@code dax.*} properties. Types are checked here, for JSON
 * has some and properties have none; ranges are the property records' business. Where LMCache lets
 * Python's truth decide ({@code true} is 1, {@code "false"} is true), this refuses.
 *
 * @param properties property values by full property name
 * @param unknownFields fields that mean nothing to this service
 */
record AdapterJson(Map<String, String> properties, List<String> unknownFields) {

  /**
   * The property names that stand for the fields of the adapter, lists and blocks by their root.
   */
  static final List<String> PROPERTIES =
      List.of(
          "dax.device-path",
          "dax.max-dax-size-gb",
          "dax.slot-bytes",
          "dax.devices",
          "dax.num-store-workers",
          "dax.num-lookup-workers",
          "dax.num-load-workers",
          "dax.hotplug-enabled",
          "dax.persist-enabled",
          "dax.eviction");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final String TYPE = "dax";

  private static final Map<String, Kind> DEVICE =
      Map.of("device_path", Kind.TEXT, "max_dax_size_gb", Kind.NUMBER);

  private static final Map<String, Kind> EVICTION =
      Map.of(
          "eviction_policy", Kind.TEXT,
          "trigger_watermark", Kind.NUMBER,
          "eviction_ratio", Kind.NUMBER);

  private static final Map<String, Kind> ADAPTER =
      Map.of(
          "device_path", Kind.TEXT,
          "max_dax_size_gb", Kind.NUMBER,
          "slot_bytes", Kind.INTEGER,
          "num_store_workers", Kind.INTEGER,
          "num_lookup_workers", Kind.INTEGER,
          "num_load_workers", Kind.INTEGER,
          "hotplug_enabled", Kind.FLAG,
          "persist_enabled", Kind.FLAG);

  private enum Kind {
    TEXT(Check.NON_EMPTY_STRING),
    NUMBER(Check.POSITIVE_NUMBER),
    INTEGER(Check.POSITIVE_INTEGER),
    FLAG(Check.TRUE_OR_FALSE);

    private final String requirement;

    Kind(String requirement) {
      this.requirement = requirement;
    }

    boolean holds(JsonNode value) {
      return switch (this) {
        case TEXT -> value.isString();
        case NUMBER -> value.isNumber();
        case INTEGER -> value.isIntegralNumber();
        case FLAG -> value.isBoolean();
      };
    }
  }

  /**
   * Reads one adapter.
   *
   * @throws ConfigurationException if it is no JSON, no dax adapter, or a field has a wrong type
   */
  static AdapterJson read(AdapterArgument argument) {
    Reader reader = new Reader(argument.source());
    reader.readAdapter(parse(argument));
    return new AdapterJson(reader.properties, reader.unknownFields);
  }

  private static JsonNode parse(AdapterArgument argument) {
    try {
      return MAPPER.readTree(argument.json());
    } catch (JacksonException e) {
      throw new ConfigurationException(
          "%s is not valid JSON at line %d, column %d: %s"
              .formatted(
                  argument.source(),
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")));
    }
  }

  private static final class Reader {

    private final String source;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<String> unknownFields = new ArrayList<>();

    Reader(String source) {
      this.source = source;
    }

    void readAdapter(JsonNode adapter) {
      if (!adapter.isObject()) {
        throw new ConfigurationException(source + " must be a JSON object: {\"type\":\"dax\",…}");
      }
      JsonNode type = adapter.path("type");
      if (!type.isString() || !type.stringValue().equals(TYPE)) {
        throw wrong("type", "must be \"dax\", the one adapter that this service is");
      }
      for (Map.Entry<String, JsonNode> field : adapter.properties()) {
        switch (field.getKey()) {
          case "type" -> {}
          case "devices" -> readDevices(field.getValue());
          case "eviction" -> readEviction(field.getValue());
          default -> readField("", field, ADAPTER);
        }
      }
    }

    private void readDevices(JsonNode devices) {
      if (!devices.isArray()) {
        throw wrong("devices", Check.LIST);
      }
      if (devices.isEmpty()) {
        properties.put("dax.devices", "");
      }
      for (int i = 0; i < devices.size(); i++) {
        String name = "devices[" + i + "]";
        readBlock(name, devices.get(i), DEVICE);
        if (!devices.get(i).has("device_path")) {
          throw wrong(name + ".device_path", Check.NON_EMPTY_STRING);
        }
      }
    }

    private void readEviction(JsonNode eviction) {
      if (eviction.isNull()) {
        return;
      }
      readBlock("eviction", eviction, EVICTION);
      if (!eviction.has("eviction_policy")) {
        throw wrong("eviction.eviction_policy", Check.POLICY);
      }
    }

    private void readBlock(String name, JsonNode block, Map<String, Kind> fields) {
      if (!block.isObject()) {
        throw wrong(name, Check.DICT);
      }
      for (Map.Entry<String, JsonNode> field : block.properties()) {
        readField(name + ".", field, fields);
      }
    }

    private void readField(
        String prefix, Map.Entry<String, JsonNode> field, Map<String, Kind> fields) {
      String name = prefix + field.getKey();
      Kind kind = fields.get(field.getKey());
      if (kind == null) {
        unknownFields.add(name);
      } else if (kind.holds(field.getValue())) {
        properties.put("dax." + name.replace('_', '-'), field.getValue().asString());
      } else {
        throw wrong(name, Check.requirement(field.getKey(), kind.requirement));
      }
    }

    private ConfigurationException wrong(String field, String problem) {
      return new ConfigurationException(source + ": " + field + " " + problem);
    }
  }
}
