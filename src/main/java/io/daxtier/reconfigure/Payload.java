package io.daxtier.reconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The JSON object of a request, read field by field. What does not fit is collected and thrown as
 * one 422 whose {@code detail} is built as FastAPI builds it, except that it never repeats a value.
 * For one thread.
 */
public final class Payload {

  /** The field of every request that tells adapters of one name apart. */
  static final String ADAPTER_INDEX = "adapter_index";

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
  private static final Set<String> YES = Set.of("true", "t", "yes", "y", "on", "1");
  private static final Set<String> NO = Set.of("false", "f", "no", "n", "off", "0");
  private static final int MAX_ERRORS = 32;
  private static final int MAX_SHOWN_CHARS = 64;

  private final JsonNode object;
  private final Set<String> known = new LinkedHashSet<>(Set.of(ADAPTER_INDEX));
  private final List<Map<String, Object>> errors = new ArrayList<>();
  private final long adapterIndex;

  Payload(JsonNode object) {
    this.object = object;
    this.adapterIndex = integer(ADAPTER_INDEX, 0);
  }

  /** Which adapter of the name is meant; 0 if the request does not say. */
  long adapterIndex() {
    return adapterIndex;
  }

  /** A text that must be there; empty if it is not, which is an error by then. */
  public String text(String field) {
    JsonNode value = required(field);
    if (value == null) {
      return "";
    }
    if (!value.isString()) {
      error("string_type", field, "Input should be a valid string");
      return "";
    }
    return value.stringValue();
  }

  /** A whole number or a text that must be there; a number comes as its digits. */
  public String integerOrText(String field) {
    JsonNode value = required(field);
    if (value == null) {
      return "";
    }
    if (value.isString()) {
      return value.stringValue();
    }
    if (value.isIntegralNumber()) {
      return value.bigIntegerValue().toString();
    }
    error("size_type", field, "Input should be a whole number or a string");
    return "";
  }

  /** One of a few words, exactly as written; the first is what it is when absent. */
  public String choice(String field, List<String> words) {
    JsonNode value = optional(field);
    if (value == null) {
      return words.getFirst();
    }
    if (!value.isString() || !words.contains(value.stringValue())) {
      error(
          "literal_error",
          field,
          "Input should be "
              + words.stream().map(w -> "'" + w + "'").collect(Collectors.joining(" or ")));
      return words.getFirst();
    }
    return value.stringValue();
  }

  /** A boolean, also as the words and numbers that FastAPI takes for one; false when absent. */
  public boolean flag(String field) {
    JsonNode value = optional(field);
    if (value == null) {
      return false;
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isString() || value.isIntegralNumber()) {
      String word = value.asString().toLowerCase(Locale.ROOT);
      if (YES.contains(word) || NO.contains(word)) {
        return YES.contains(word);
      }
    }
    error("bool_parsing", field, "Input should be a valid boolean");
    return false;
  }

  /** A whole number, also as text. */
  private long integer(String field, long absent) {
    JsonNode value = optional(field);
    if (value == null) {
      return absent;
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value.isString() && INTEGER.matcher(value.stringValue().strip()).matches()) {
      return Long.parseLong(value.stringValue().strip());
    }
    error("int_type", field, "Input should be a valid integer");
    return absent;
  }

  /** All fields but {@code adapter_index}, for a backend that takes what comes. */
  public Map<String, JsonNode> fields() {
    requireValid();
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    fields.remove(ADAPTER_INDEX);
    return fields;
  }

  /**
   * Ends the reading for a backend that allows no fields but those it has asked for.
   *
   * @throws ReconfigureException 422 if there are others, or one that was read does not fit
   */
  public void requireNothingElse() {
    for (String field : object.propertyNames()) {
      if (!known.contains(field)) {
        error("extra_forbidden", field, "Extra inputs are not permitted");
      }
    }
    requireValid();
  }

  /**
   * Ends the reading.
   *
   * @throws ReconfigureException 422 if a field that was read does not fit
   */
  void requireValid() {
    if (!errors.isEmpty()) {
      throw new ReconfigureException(422, Map.of("detail", List.copyOf(errors)));
    }
  }

  /** A 422 for a body that is no JSON object. */
  static ReconfigureException notAnObject(String type, String message) {
    return new ReconfigureException(
        422, Map.of("detail", List.of(detail(type, List.of("body"), message))));
  }

  private @Nullable JsonNode optional(String field) {
    known.add(field);
    return object.get(field);
  }

  private @Nullable JsonNode required(String field) {
    JsonNode value = optional(field);
    if (value == null) {
      error("missing", field, "Field required");
    }
    return value;
  }

  private void error(String type, String field, String message) {
    if (errors.size() < MAX_ERRORS) {
      String shown = field.substring(0, Math.min(field.length(), MAX_SHOWN_CHARS));
      errors.add(detail(type, List.of(shown), message));
    }
  }

  private static Map<String, Object> detail(String type, List<String> location, String message) {
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("type", type);
    detail.put("loc", location);
    detail.put("msg", message);
    return detail;
  }
}
