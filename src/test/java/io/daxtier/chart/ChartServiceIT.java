package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import io.daxtier.ApplicationProcess;
import io.daxtier.command.Commands;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/**
 * The service as a process, started the way a pod starts it: by the configuration file, the
 * environment and the init container of the chart. Only the ports and the address are the test's.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ChartServiceIT {

  private static final String PASSWORD = "a-password";
  private static final String TOKEN = "a-token";

  /** {@code up} is made by Prometheus itself. */
  private static final Set<String> NOT_SCRAPED = Set.of("up");

  private final HttpClient http = HttpClient.newHttpClient();
  private ApplicationProcess service;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Path devices = Files.createDirectories(folder.resolve("devices"));
    Path configuration = Files.createDirectories(folder.resolve("config"));
    Chart chart =
        Chart.withDefaults()
            .set("device.file.mountPath=" + devices)
            .set("dax.slot-bytes=1048576")
            .set("dax.hotplug-enabled=true");
    Files.writeString(configuration.resolve("application.yaml"), chart.configuration().toString());
    String[] init =
        Chart.at(chart.podSpec(), "initContainers.0.args").getAsJsonArray().asList().stream()
            .map(JsonElement::getAsString)
            .toArray(String[]::new);
    assertThat(Commands.run(init, Map.of(), System.out)).hasValue(0);

    service =
        ApplicationProcess.start(
                folder,
                Map.of(
                    "SPRING_CONFIG_ADDITIONAL_LOCATION",
                    "file:" + configuration + "/",
                    "DAX_RESP_PASSWORD",
                    PASSWORD,
                    "DAX_RESP_USERNAME",
                    "",
                    "DAX_ADMINTOKEN",
                    TOKEN),
                "--server.address=127.0.0.1",
                "--management.server.address=127.0.0.1",
                "--management.server.port=0",
                "--dax.resp.host=127.0.0.1")
            .awaitStarted();
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void environment_ofThePod_isTheOneOfThisTest() {
    assertThat(
            Chart.at(Chart.withDefaults().podSpec(), "containers.0.env").getAsJsonArray().asList())
        .extracting(variable -> Chart.at(variable, "name").getAsString())
        .containsExactly(
            "SPRING_CONFIG_ADDITIONAL_LOCATION",
            "DAX_RESP_PASSWORD",
            "DAX_RESP_USERNAME",
            "DAX_ADMINTOKEN");
  }

  @Test
  void smokeCheck_ofThisService_succeeds() {
    String[] arguments = {
      "smoke-check",
      "--resp=127.0.0.1:" + service.respPort(),
      "--http=http://127.0.0.1:" + service.httpPort(),
      "--management=http://127.0.0.1:" + service.managementPort()
    };

    assertThat(Commands.run(arguments, Map.of("DAX_RESP_PASSWORD", PASSWORD), System.out))
        .hasValue(0);
    assertThat(
            Commands.run(
                new String[] {arguments[0], arguments[1], "--wait=0"}, Map.of(), System.out))
        .as("without the password")
        .hasValue(1);
  }

  @Test
  void changes_needTheTokenOfTheEnvironment() throws Exception {
    assertThat(add("").statusCode()).isEqualTo(401);
    assertThat(add("Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(add("Bearer " + TOKEN).statusCode()).isEqualTo(403);
    assertThat(add("Bearer " + TOKEN).body()).contains("device_path is not allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"startupProbe", "livenessProbe", "readinessProbe"})
  void probes_ofThePod_succeed(String probe) throws Exception {
    String path =
        Chart.at(Chart.withDefaults().podSpec(), "containers.0." + probe + ".httpGet.path")
            .getAsString();

    assertThat(get(service.managementPort(), path).statusCode()).isEqualTo(200);
  }

  @Test
  void managementPort_isApartFromTheControlPlane() throws Exception {
    assertThat(service.managementPort()).isNotEqualTo(service.httpPort());
    assertThat(get(service.httpPort(), "/actuator/prometheus").statusCode()).isNotEqualTo(200);
    assertThat(get(service.managementPort(), "/reconfigure/dax/status").statusCode())
        .isNotEqualTo(200);
  }

  /** The dashboard and the alerts ask for nothing that the service does not have. */
  @Test
  void everyMetricAndLabel_thatIsAskedFor_isInTheScrape() throws Exception {
    try (Jedis client =
        new Jedis(
            new HostAndPort("127.0.0.1", service.respPort()),
            DefaultJedisClientConfig.builder().password(PASSWORD).build())) {
      client.set("model@01000100@0@00ff00ff00ff00ff@tenant", "value");
      assertThat(client.exists("model@01000100@0@00ff00ff00ff00ff@tenant")).isTrue();
      assertThat(client.get("model@01000100@0@00ff00ff00ff00ff@tenant")).isEqualTo("value");
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(scrape()).contains("cache_salt=\"tenant\""));
    String scrape = scrape();
    Files.writeString(Path.of("target", "chart", "scrape.txt"), scrape);
    Map<String, Map<String, Set<String>>> metrics = labelValues(scrape);

    Map<String, String> expressions = Monitoring.expressions();
    assertThat(expressions).hasSizeGreaterThan(25);
    expressions.forEach(
        (where, expression) -> {
          Set<String> known = new TreeSet<>();
          for (MetricUse use : MetricUse.in(expression)) {
            if (NOT_SCRAPED.contains(use.name())) {
              continue;
            }
            assertThat(metrics).as(where).containsKey(use.name());
            Map<String, Set<String>> labels = metrics.getOrDefault(use.name(), Map.of());
            known.addAll(labels.keySet());
            use.labels()
                .forEach(
                    (label, values) ->
                        assertThat(labels.getOrDefault(label, Set.of()))
                            .as("%s: %s of %s", where, label, use.name())
                            .containsAll(values));
          }
          assertThat(known).as(where).containsAll(MetricUse.groupedBy(expression));
        });
  }

  /** For each metric the values of each of its labels. */
  private static Map<String, Map<String, Set<String>>> labelValues(String scrape) {
    Map<String, Map<String, Set<String>>> metrics = new TreeMap<>();
    scrape
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(
            line -> {
              String selector = line.contains("{") ? line : line.replaceFirst(" ", "{} ");
              for (MetricUse sample : MetricUse.in(selector)) {
                Map<String, Set<String>> labels =
                    metrics.computeIfAbsent(sample.name(), name -> new TreeMap<>());
                sample
                    .labels()
                    .forEach(
                        (label, values) ->
                            labels.computeIfAbsent(label, any -> new TreeSet<>()).addAll(values));
              }
            });
    return metrics;
  }

  private String scrape() throws Exception {
    HttpResponse<String> response = get(service.managementPort(), "/actuator/prometheus");
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> add(String authorization) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + service.httpPort() + "/reconfigure/dax/add"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"device_path\":\"/etc/passwd\",\"size\":\"1GiB\"}"));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
  }
}
