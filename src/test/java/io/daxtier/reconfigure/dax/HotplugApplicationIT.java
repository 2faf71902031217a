package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.DaxtierApplication;
import io.daxtier.reconfigure.ControlClient;
import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.resp.RespServer;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.SlotStoreInvariants;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import redis.clients.jedis.Jedis;

/** The whole service: clients over RESP, an operator with a token over HTTP. */
class HotplugApplicationIT {

  private static final int SLOT = 4096;
  private static final byte[] KEY = "k".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private ConfigurableApplicationContext start(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--dax.resp.port=0",
                "--dax.slot-bytes=" + SLOT,
                "--dax.hotplug-enabled=true",
                "--dax.admin-token=t0ken",
                "--dax.allowed-device-paths=" + folder + "/hot*"));
    arguments.addAll(List.of(more));
    return new SpringApplicationBuilder(DaxtierApplication.class)
        .run(arguments.toArray(String[]::new));
  }

  private Path file(String name, int slots) {
    Path file = folder.resolve(name);
    DaxRig.setLength(file, (long) slots * SLOT);
    return file;
  }

  private static ControlClient http(ConfigurableApplicationContext context) {
    return new ControlClient(
        "127.0.0.1",
        context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
  }

  private static Jedis redis(ConfigurableApplicationContext context) {
    return new Jedis("127.0.0.1", context.getBean(RespServer.class).port());
  }

  private static Reply post(ControlClient http, String operation, String body) {
    return http.post(
        "/reconfigure/dax/" + operation,
        body,
        "Content-Type",
        "application/json",
        "Authorization",
        "Bearer t0ken");
  }

  @Test
  void deviceIsReplaced_whileClientsStayConnected() {
    Path cold = file("cold", 8);
    Path hot = file("hot", 8);
    try (ConfigurableApplicationContext context =
            start("--dax.device-path=" + cold, "--dax.max-dax-size-gb=" + 8.0 * SLOT / (1 << 30));
        Jedis redis = redis(context)) {
      ControlClient http = http(context);
      byte[] value = new byte[SLOT];
      Arrays.fill(value, (byte) 7);
      redis.set(KEY, value);

      String add = "{\"device_path\":\"" + hot + "\",\"size\":\"32KiB\"}";
      assertThat(http.post("/reconfigure/dax/add", add).status()).as("no token").isEqualTo(401);
      assertThat(post(http, "add", add).status()).isEqualTo(200);
      Reply removed = post(http, "remove", "{\"device_path\":\"" + cold + "\"}");

      assertThat(removed.status()).as(removed.text()).isEqualTo(200);
      assertThat(removed.json().get("moved_bytes").asInt()).isEqualTo(SLOT);
      assertThat(redis.get(KEY)).isEqualTo(value);
      assertThat(http.get("/actuator/health").status())
          .as("a removed device leaves health green")
          .isEqualTo(200);
      assertThat(post(http, "add", "{\"device_path\":\"" + cold + "\",\"size\":32768}").status())
          .as("a device of the start may come back")
          .isEqualTo(200);
      SlotStoreInvariants.check(context.getBean(SlotStore.class));
    }
  }

  @Test
  void startedWithNoDevice_evictsAfterTheFirstAdd() {
    Path hot = file("hot", 10);
    try (ConfigurableApplicationContext context =
            start(
                "--dax.devices=",
                "--dax.eviction.eviction-policy=LRU",
                "--dax.eviction.trigger-watermark=0.5",
                "--dax.eviction.eviction-ratio=0.5",
                "--dax.exists-grace=0s");
        Jedis redis = redis(context)) {
      ControlClient http = http(context);
      assertThat(http.get("/actuator/health").status()).isEqualTo(200);
      assertThat(post(http, "add", "{\"device_path\":\"" + hot + "\",\"size\":40960}").status())
          .isEqualTo(200);

      IntStream.range(0, 8).forEach(i -> redis.set("k" + i, "v" + i));

      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(redis.dbSize()).isLessThan(5));
      assertThat(redis.get("k7")).as("the newest stays").isEqualTo("v7");
      assertThat(redis.get("k0")).as("the oldest went").isNull();
    }
  }
}
