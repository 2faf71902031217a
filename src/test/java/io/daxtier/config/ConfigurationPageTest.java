package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page about configuration says what the code does: every property with its default. */
class ConfigurationPageTest {

  private static final Path PAGE = Path.of("docs", "configuration.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(dax\\.[^`]+)`( A)? \\| (.+?) \\| (.+?) \\| (.+?) \\|$");
  private static final Map<String, String> DEFAULT_IN_CODE =
      Map.of("dax.num-load-workers", "min(4, processors)");

  /** No default, which metadata shows as the zero of a primitive type. */
  private static final Set<String> REQUIRED = Set.of("dax.max-dax-size-gb", "dax.slot-bytes");

  private record Row(String name, boolean adapter, String shownDefault) {}

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
    return new Row(row.group(1), row.group(2) != null, row.group(3).replace("`", ""));
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
