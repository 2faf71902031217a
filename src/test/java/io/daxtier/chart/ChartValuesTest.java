package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.daxtier.config.DaxProperties;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Values, schema, README and the service's properties say the same. */
class ChartValuesTest {

  /** Properties of the service that a value of another name sets. */
  private static final Map<String, String> BY_ANOTHER_NAME =
      Map.of(
          "dax.admin-token", "auth.adminToken",
          "dax.resp.host", "bindAddress",
          "dax.resp.port", "ports.resp",
          "dax.resp.unix-socket", "unixSocket.enabled",
          "dax.resp.username", "auth.username",
          "dax.resp.password", "auth.password");

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(?<name>[^`]+)` \\| (?:`(?<default>[^`]*)`)? ?\\|");

  @Test
  void schema_knowsEveryPropertyOfTheService() {
    Set<String> schema = schemaLeaves().keySet();

    assertThat(properties("dax", DaxProperties.class))
        .hasSizeGreaterThan(25)
        .allSatisfy(
            property ->
                assertThat(schema).contains(BY_ANOTHER_NAME.getOrDefault(property, property)));
  }

  @Test
  void schema_knowsNoPropertyThatTheServiceLacks() {
    assertThat(properties("dax", DaxProperties.class))
        .containsAll(
            schemaLeaves().keySet().stream().filter(name -> name.startsWith("dax.")).toList());
  }

  @Test
  void readme_hasARowForEveryValue() throws IOException {
    assertThat(readmeRows().keySet()).containsExactlyInAnyOrderElementsOf(schemaLeaves().keySet());
  }

  @Test
  void readme_saysTheDefaultsOfTheValuesFile() throws IOException {
    JsonElement values = Chart.parse(Files.readString(Chart.FOLDER.resolve("values.yaml")));
    Map<String, String> expected = new LinkedHashMap<>();
    for (String name : schemaLeaves().keySet()) {
      expected.put(name, defaultOf(values, name));
    }

    assertThat(readmeRows()).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void schema_closesEveryObjectItDoesNotPassOn() throws IOException {
    closed("", schema());
  }

  @Test
  void chart_hasTheVersionOfTheService() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    JsonElement chart = Chart.parse(Files.readString(Chart.FOLDER.resolve("Chart.yaml")));

    assertThat(pom)
        .contains(
            "<version>" + Chart.at(chart, "appVersion").getAsString() + "-SNAPSHOT</version>");
  }

  private static void closed(String where, JsonElement schema) {
    if (schema.isJsonArray()) {
      schema.getAsJsonArray().forEach(element -> closed(where, element));
    }
    if (!schema.isJsonObject()) {
      return;
    }
    JsonObject object = schema.getAsJsonObject();
    if (object.has("type") && object.get("type").toString().equals("\"object\"")) {
      assertThat(object.has("additionalProperties")).as(where).isTrue();
      boolean open = object.get("additionalProperties").toString().equals("true");
      assertThat(open).as(where).isEqualTo(where.equals("/$defs/kubernetesObject"));
    }
    object.entrySet().forEach(entry -> closed(where + "/" + entry.getKey(), entry.getValue()));
  }

  /** The rows of all tables of the README: name and default, which is empty where there is none. */
  private static Map<String, String> readmeRows() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    String readme = Files.readString(Chart.FOLDER.resolve("README.md"));
    for (MatchResult row : ROW.matcher(readme).results().toList()) {
      String value = row.group("default");
      assertThat(rows.put(row.group("name"), value == null ? "" : value))
          .as("a second row for %s", row.group("name"))
          .isNull();
    }
    return rows;
  }

  private static String defaultOf(JsonElement values, String name) {
    JsonElement at = values;
    for (String step : name.split("\\.", -1)) {
      if (at == null || !at.isJsonObject()) {
        return "";
      }
      at = at.getAsJsonObject().get(step);
    }
    return at == null ? "" : at.isJsonPrimitive() ? at.getAsString() : at.toString();
  }

  /** Every value that is not a group of values, by its dotted name. */
  private static Map<String, JsonObject> schemaLeaves() {
    Map<String, JsonObject> leaves = new LinkedHashMap<>();
    addLeaves("", schema(), leaves);
    leaves.remove("global");
    return leaves;
  }

  private static void addLeaves(String prefix, JsonObject schema, Map<String, JsonObject> leaves) {
    for (Map.Entry<String, JsonElement> entry : schema.getAsJsonObject("properties").entrySet()) {
      JsonObject value = entry.getValue().getAsJsonObject();
      if (value.has("properties")) {
        addLeaves(prefix + entry.getKey() + ".", value, leaves);
      } else {
        leaves.put(prefix + entry.getKey(), value);
      }
    }
  }

  private static JsonObject schema() {
    try {
      return JsonParser.parseString(Files.readString(Chart.FOLDER.resolve("values.schema.json")))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The names of a properties record's leaves; a list of records is one leaf. */
  private static Set<String> properties(String prefix, Class<?> type) {
    Set<String> names = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + "." + kebab(component.getName());
      if (component.getType().isRecord()) {
        names.addAll(properties(name, component.getType()));
      } else {
        names.add(name);
      }
    }
    return names;
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
