package io.daxtier.monitor;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.device.DeviceState;
import io.daxtier.reconfigure.ControlClient;
import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.resp.RespServer;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.metrics.test.autoconfigure.AutoConfigureMetrics;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;
import redis.clients.jedis.Jedis;

/**
 * The whole service without a device at its start, watched over HTTP on a management port of its
 * own. Each test brings its devices and takes them out again.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "dax.devices=",
      "dax.hotplug-enabled=true",
      "dax.slot-bytes=" + MonitorIT.SLOT_BYTES,
      "dax.eviction.eviction-policy=LRU",
      "dax.resp.port=0"
    })
@AutoConfigureMetrics
class MonitorIT {

  static final int SLOT_BYTES = 65_536;
  private static final int SLOTS = 16;

  @Autowired private Environment environment;
  @Autowired private DaxDeviceRegistry registry;
  @Autowired private SlotStore store;
  @Autowired private RespServer server;
  @Autowired private SaltMeterBinder salts;

  private final List<DaxDevice> added = new ArrayList<>();
  private Path folder;
  private ControlClient client;

  @BeforeEach
  void connect(@TempDir Path temporary) {
    folder = temporary;
    client = client("local.management.port");
  }

  @AfterEach
  void takeDevicesOut() {
    added.forEach(this::remove);
  }

  @Test
  void health_withNoDevice_isUpAndReady() {
    assertThat(client.get("/actuator/health").status()).isEqualTo(200);
    assertThat(status("/actuator/health")).isEqualTo("UP");
    assertThat(status("/actuator/health/liveness")).isEqualTo("UP");
    assertThat(status("/actuator/health/readiness")).isEqualTo("UP");
    assertThat(client.get("/actuator/health/devices").status()).isEqualTo(404);
  }

  @Test
  void health_ofDevices_followsThem() throws IOException {
    DaxDevice first = addDevice();
    DaxDevice second = addDevice();
    assertThat(status("/actuator/health")).isEqualTo("UP");
    assertThat(status("/actuator/health/devices/" + first.id())).isEqualTo("UP");

    store.fault(first, new IllegalStateException("page lost"));

    Reply health = client.get("/actuator/health");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.json().at("/status").asString()).isEqualTo("DEGRADED");
    String failed = "/components/devices/components/" + first.id();
    assertThat(health.json().at(failed + "/status").asString()).isEqualTo("DEGRADED");
    assertThat(health.json().at(failed + "/details/failure").asString()).isEqualTo("page lost");
    assertThat(status("/actuator/health/readiness")).isEqualTo("UP");

    store.fault(second, new IllegalStateException("page lost"));

    assertThat(client.get("/actuator/health").status()).isEqualTo(503);
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(status("/actuator/health/readiness")).isEqualTo("DOWN");
    assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);

    remove(first);
    remove(second);

    assertThat(status("/actuator/health")).isEqualTo("UP");
    assertThat(client.get("/actuator/health/devices/" + first.id()).status()).isEqualTo(404);
  }

  @Test
  void slots_tellWhatClientsStored() throws IOException {
    DaxDevice device = addDevice();
    try (Jedis jedis = new Jedis("127.0.0.1", server.port())) {
      jedis.set("k1".getBytes(StandardCharsets.UTF_8), new byte[1000]);
      jedis.set("k2".getBytes(StandardCharsets.UTF_8), new byte[SLOT_BYTES]);
    }

    Reply slots = client.get("/actuator/slots");

    assertThat(slots.status()).isEqualTo(200);
    assertThat(slots.json().at("/objects").longValue()).isEqualTo(2);
    assertThat(slots.json().at("/total/used").longValue()).isEqualTo(2);
    assertThat(slots.json().at("/total/payloadBytes").longValue()).isEqualTo(1000 + SLOT_BYTES);
    assertThat(slots.json().at("/eviction/policy").asString()).isEqualTo("LRU");
    assertThat(slots.json().at("/salts/0/objects").longValue()).isEqualTo(2);
    Reply one = client.get("/actuator/slots/" + device.id());
    assertThat(one.json().at("/usage").doubleValue()).isEqualTo(2.0 / SLOTS);
    assertThat(one.json()).isEqualTo(slots.json().at("/devices/0"));
    assertThat(client.get("/actuator/slots/987").status()).isEqualTo(404);
    assertThat(client.get("/actuator/slots/nonsense").status()).isEqualTo(400);
  }

  @Test
  void sessions_areListedAndEnded() throws Exception {
    addDevice();
    CountDownLatch disconnected = new CountDownLatch(1);
    try (Session session =
        store.openSession("test", OptionalLong.empty(), disconnected::countDown)) {
      session.reserve(ObjectKey.of("k"), 10);

      Reply sessions = client.get("/actuator/sessions");
      assertThat(sessions.json().at("/sessions/0/id").longValue()).isEqualTo(session.id());
      assertThat(sessions.json().at("/sessions/0/reservations").intValue()).isEqualTo(1);

      String path = "/actuator/sessions/" + session.id();
      assertThat(client.send("DELETE", path).status()).isEqualTo(204);
      disconnected.await();
      assertThat(client.get("/actuator/sessions").json().at("/sessions")).isEmpty();
      assertThat(client.send("DELETE", path).status()).isEqualTo(404);
    }
  }

  @Test
  void prometheus_hasTheMetersOfTheDocumentation() throws IOException {
    addDevice();
    try (Jedis jedis = new Jedis("127.0.0.1", server.port())) {
      jedis.set("model@00000001@0@00000001@a-salt", "v");
    }
    salts.refresh();
    await().until(() -> scrape().contains("daxtier_slots{"));

    assertThat(families(scrape())).isEqualTo(documented());
  }

  @Test
  void prometheus_countsWhatClientsDo() throws IOException {
    addDevice();
    String hits = "daxtier_operations_seconds_count{operation=\"load\",outcome=\"hit\"}";
    double before = sample(hits);
    try (Jedis jedis = new Jedis("127.0.0.1", server.port())) {
      jedis.set("k", "value");
      jedis.get("k");

      await().untilAsserted(() -> assertThat(sample("daxtier_connections")).isEqualTo(1));
      await().untilAsserted(() -> assertThat(sample(hits)).isEqualTo(before + 1));
    }
  }

  @Test
  void prometheus_afterDeviceRemoved_forgetsIt() throws IOException {
    DaxDevice device = addDevice();
    String label = "device=\"" + device.path() + "\"";
    await().until(() -> scrape().contains(label));

    remove(device);

    await().until(() -> !scrape().contains(label));
  }

  @Test
  void info_tellsTheBuild() {
    Reply info = client.get("/actuator/info");

    assertThat(info.json().at("/build/artifact").asString()).isEqualTo("daxtier");
    assertThat(info.json().at("/build/version").asString()).isNotEmpty();
  }

  @Test
  void mainPort_withManagementPortOfItsOwn_hasNoActuator() {
    assertThat(client("local.server.port").get("/actuator/health").status()).isEqualTo(404);
  }

  /** By family: its type and labels, as the table says. */
  private static Map<String, String> documented() throws IOException {
    Pattern row = Pattern.compile("\\| `(daxtier_\\w+)` \\| (\\w+) \\|([^|]*)\\|.*");
    return Files.readAllLines(Path.of("docs/metrics.md")).stream()
        .map(row::matcher)
        .filter(m -> m.matches())
        .collect(
            toMap(
                m -> m.group(1),
                m -> m.group(2) + " " + names("`(\\w+)`", m.group(3)),
                (a, b) -> a,
                TreeMap::new));
  }

  private static Map<String, String> families(String scrape) {
    Map<String, String> families = new TreeMap<>();
    for (MatchResult type :
        Pattern.compile("# TYPE (daxtier_\\w+) (\\w+)").matcher(scrape).results().toList()) {
      String samples = type.group(1) + "(_count)?\\{([^}]*)}";
      SortedSet<String> labels = new TreeSet<>();
      Pattern.compile(samples)
          .matcher(scrape)
          .results()
          .forEach(m -> labels.addAll(names("(\\w+)=", m.group(2))));
      families.put(type.group(1), type.group(2) + " " + labels);
    }
    return families;
  }

  private static SortedSet<String> names(String pattern, String text) {
    SortedSet<String> names = new TreeSet<>();
    Pattern.compile(pattern).matcher(text).results().forEach(m -> names.add(m.group(1)));
    return names;
  }

  private double sample(String series) {
    return scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private String scrape() {
    return client.get("/actuator/prometheus").text();
  }

  private String status(String path) {
    return client.get(path).json().at("/status").asString();
  }

  private ControlClient client(String port) {
    return new ControlClient("127.0.0.1", environment.getRequiredProperty(port, Integer.class));
  }

  private DaxDevice addDevice() throws IOException {
    Path file = folder.resolve("dax" + added.size());
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength((long) SLOTS * SLOT_BYTES);
    }
    DaxDevice device = registry.add(file, (long) SLOTS * SLOT_BYTES);
    store.attach(device);
    added.add(device);
    return device;
  }

  private void remove(DaxDevice device) {
    if (device.state() == DeviceState.ACTIVE) {
      device.move(DeviceState.ACTIVE, DeviceState.REMOVING);
      store.slots(device).evict(0);
    }
    if (device.state().isMapped()) {
      store.slots(device).detach();
      registry.remove(device);
    }
  }
}
