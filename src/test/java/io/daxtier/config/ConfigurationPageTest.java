package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page about configuration says what the code does: every property, its default, its range. */
class ConfigurationPageTest {

  private static final Path PAGE = Path.of("docs", "configuration.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(dax\\.[^`]+)`( A)? \\| (.+?) \\| (.+?) \\| (.+?) \\|$");
  private static final Map<String, String> DEFAULT_IN_CODE =
      Map.of("dax.num-load-workers", "min(4, processors)");

  /** No default, which metadata shows as the zero of a primitive type. */
  private static final Set<String> REQUIRED = Set.of("dax.max-dax-size-gb", "dax.slot-bytes");

  /** One property of the page. */
  record Row(String name, boolean adapter, String shownDefault, String shownRange) {}

  /** Values that a range takes, its ends among them, and values next to it that it does not. */
  private record Edges(List<String> inside, List<String> outside) {}

  /** By what the page calls the range. */
  private static final Map<String, Edges> RANGES =
      Map.ofEntries(
          Map.entry("a path", new Edges(List.of("/d"), List.of("/d\0"))),
          Map.entry("a list", new Edges(List.of(), List.of("/dev/dax0.0"))),
          Map.entry("text", new Edges(List.of("x", ""), List.of())),
          Map.entry("an address", new Edges(List.of("127.0.0.1", "::1"), List.of(""))),
          Map.entry(
              "absolute globs", new Edges(List.of("/dev/dax*", "/a,/b"), List.of("dev", "["))),
          Map.entry("true, false", new Edges(List.of("true", "false"), List.of("2", "maybe"))),
          Map.entry("LRU, noop", new Edges(List.of("LRU", "noop"), List.of("ARC", "FIFO"))),
          Map.entry(
              "above 0",
              new Edges(List.of("0.000001", "1000000"), List.of("0", "-1", "NaN", "Infinity"))),
          Map.entry("1 and more", new Edges(List.of("1", "2147483647"), List.of("0", "-1", "1.5"))),
          Map.entry("0 to 65535", new Edges(List.of("0", "65535"), List.of("-1", "65536"))),
          Map.entry("0 to 1", new Edges(List.of("0", "1"), List.of("-0.001", "1.001", "NaN"))),
          Map.entry(
              "above 0, at most 1", new Edges(List.of("0.001", "1"), List.of("0", "1.001", "NaN"))),
          Map.entry(
              "0s to 365d", new Edges(List.of("0s", "365d"), List.of("-1ms", "366d", "soon"))),
          Map.entry(
              "above 0s, to 365d",
              new Edges(List.of("1ms", "365d"), List.of("0s", "366d", "soon"))));

  /** A valid configuration, to which the value in question is added. */
  private static final Map<String, Object> ONE_DEVICE =
      Map.of("dax.device-path", "/d", "dax.max-dax-size-gb", "1000");

  private static final Map<String, Object> DEVICE_LIST =
      Map.of("dax.devices[0].device-path", "/d", "dax.devices[0].max-dax-size-gb", "1000");

  @Test
  void page_listsEveryPropertyWithItsDefault() throws IOException {
    Map<String, String> shown =
        rows().stream().collect(Collectors.toMap(Row::name, Row::shownDefault));

    assertThat(new TreeMap<>(shown)).isEqualTo(new TreeMap<>(defaultsByMetadata()));
  }

  @Test
  void page_marksTheFieldsOfTheAdapter() throws IOException {
    assertThat(rows())
        .allSatisfy(
            row ->
                assertThat(row.adapter())
                    .as(row.name())
                    .isEqualTo(AdapterJson.PROPERTIES.stream().anyMatch(row.name()::startsWith)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void range_isWhatIsTaken(Row row) {
    assertThat(RANGES).containsKey(row.shownRange());
    Edges edges = Objects.requireNonNull(RANGES.get(row.shownRange()));
    String name = row.name().replace("[n]", "[0]");

    for (String value : edges.inside()) {
      assertThatCode(() -> bind(name, value)).as("%s=%s", name, value).doesNotThrowAnyException();
    }
    for (String value : edges.outside()) {
      assertThatExceptionOfType(ConfigurationException.class)
          .as("%s=%s", name, value)
          .isThrownBy(() -> bind(name, value))
          .satisfies(e -> assertThat(e.toString().replace('_', '-')).contains(": " + name + " "));
    }
  }

  private static void bind(String name, String value) {
    Map<String, Object> properties =
        new HashMap<>(name.startsWith("dax.devices[") ? DEVICE_LIST : ONE_DEVICE);
    properties.put("dax.slot-bytes", "1");
    properties.put("dax.eviction.eviction-policy", "LRU");
    properties.put("dax.resp.password", "secret");
    properties.put(name, value);
    var _ = Tiers.given().properties(properties).bind();
  }

  @Test
  void metadata_describesEveryProperty() throws IOException {
    assertThat(metadata())
        .allSatisfy(
            property ->
                assertThat(property.path("description").asString(""))
                    .as(property.path("name").stringValue())
                    .endsWith("."));
  }

  private static List<Row> rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE)).results().map(ConfigurationPageTest::row).toList();
  }

  private static Row row(MatchResult row) {
    return new Row(
        row.group(1),
        row.group(2) != null,
        row.group(3).replace("`", ""),
        row.group(4).replace("`", ""));
  }

  private static Map<String, String> defaultsByMetadata() throws IOException {
    Map<String, String> defaults = new HashMap<>();
    for (JsonNode property : metadata()) {
      String name = property.path("name").stringValue();
      String value =
          REQUIRED.contains(name) ? "none" : property.path("defaultValue").asString("none");
      defaults.put(name, DEFAULT_IN_CODE.getOrDefault(name, value));
    }
    defaults.put("dax.devices[n].device-path", "none");
    defaults.put("dax.devices[n].max-dax-size-gb", "none");
    return defaults;
  }

  private static List<JsonNode> metadata() throws IOException {
    try (InputStream json =
        DaxProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      return Stream.of(JsonMapper.shared().readTree(json).path("properties"))
          .flatMap(JsonNode::valueStream)
          .filter(property -> property.path("name").stringValue().startsWith("dax."))
          .toList();
    }
  }
}
