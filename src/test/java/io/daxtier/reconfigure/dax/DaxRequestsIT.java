package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.slot.Grant;
import io.daxtier.slot.GrantResult;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What requests to {@code dax} are understood, what is refused and in which order: rows 56 and 59
 * to 76 of the behaviour table.
 */
class DaxRequestsIT extends WithDaxRig {

  private static final String SIZE_ERROR =
      "size must be a positive integer byte count or a string like '100GiB'";

  private static Reply add(Path path, String size) {
    return post("add", "{\"device_path\":\"" + path + "\",\"size\":" + size + "}");
  }

  @Test
  void sizesAsText_row59() {
    Path device = rig.file(4);

    assertThat(add(device, "\"192KiB\"").json().at("/device/max_dax_size_bytes").asInt())
        .isEqualTo(192 * 1024);
    Reply grown = post("resize", "{\"device_path\":\"" + device + "\",\"size\":\" 0.25 mb \"}");
    assertThat(grown.status()).isEqualTo(200);
    assertThat(grown.json().get("new_size_bytes").asInt()).isEqualTo(256 * 1024);
    Reply drained =
        post("remove", "{\"device_path\":\"" + device + "\",\"mode\":\"drain\",\"force\":true}");
    assertThat(drained.status()).isEqualTo(200);
  }

  @Test
  void aliasesOfTheRoutes_row59() {
    Path device = rig.file(2);
    String body = "{\"device_path\":\"" + device + "\",\"size\":131072}";

    for (String route :
        List.of("dax/add", "l2/dax/add", "dax/l2/add", "DAX/Add", "%20dax/add%20")) {
      Reply reply = rig.http.post("/reconfigure/" + route, body);
      assertThat(reply.status()).as(route).isEqualTo(200);
      assertThat(reply.json().get("operation").asString()).isEqualTo("add");
    }
    assertThat(rig.status(device).get("state").asString()).isEqualTo("active");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "add    | {\"device_path\":\"P\",\"size_bytes\":1024}               | size",
        "add    | {\"size\":1024}                                           | device_path",
        "add    | {\"device_path\":7,\"size\":1024}                         | device_path",
        "add    | {\"device_path\":null,\"size\":1024}                      | device_path",
        "add    | {\"device_path\":\"P\",\"size\":true}                     | size",
        "add    | {\"device_path\":\"P\",\"size\":4096.0}                   | size",
        "add    | {\"device_path\":\"P\",\"size\":1e6}                      | size",
        "add    | {\"device_path\":\"P\",\"size\":null}                     | size",
        "add    | {\"device_path\":\"P\",\"size\":[1]}                      | size",
        "add    | {\"device_path\":\"P\",\"size\":1,\"mode\":\"migrate\"}   | mode",
        "add    | {\"device_path\":\"P\",\"size\":1,\"force\":false}        | force",
        "remove | {\"device_path\":\"P\",\"timeout_s\":1}                   | timeout_s",
        "remove | {\"device_path\":\"P\",\"size\":1}                        | size",
        "remove | {\"device_path\":\"P\",\"mode\":\"Migrate\"}              | mode",
        "remove | {\"device_path\":\"P\",\"mode\":null}                     | mode",
        "remove | {\"device_path\":\"P\",\"force\":2}                       | force",
        "remove | {\"device_path\":\"P\",\"force\":null}                    | force",
        "remove | {}                                                        | device_path",
        "resize | {\"device_path\":\"P\",\"size\":1024,\"timeout_s\":1}     | timeout_s",
        "resize | {\"device_path\":\"P\",\"size\":1024,\"mode\":\"drain\"}  | mode",
        "resize | {\"device_path\":\"P\"}                                   | size",
        "resize | {\"device_path\":\"P\",\"size\":\"many\",\"adapter_index\":true} | adapter_index"
      })
  void payloadThatDoesNotFit_422_rows63_66_67_73(String operation, String body, String field) {
    Reply reply = post(operation, body);

    assertThat(reply.status()).as(reply.text()).isEqualTo(422);
    assertThat(reply.json().propertyNames()).containsExactly("detail");
    assertThat(reply.json().get("detail"))
        .extracting(d -> d.at("/loc/0").asString())
        .contains(field);
    assertThat(reply.json().get("detail"))
        .allSatisfy(d -> assertThat(d.propertyNames()).containsExactly("type", "loc", "msg"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"yes\"", "\"TRUE\"", "1", "\"1\"", "true", "\"off\"", "0", "false"})
  void force_asFastApiTakesIt(String force) {
    Path device = rig.device(1);

    Reply reply = post("remove", "{\"device_path\":\"" + device + "\",\"force\":" + force + "}");

    assertThat(reply.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"many\"",
        "0",
        "-4096",
        "\"0\"",
        "\"-1\"",
        "\"\"",
        "\"1 pib\"",
        "\"0.1\"",
        "\"٤\""
      })
  void sizeThatIsNone_400_row64(String size) {
    for (String operation : List.of("add", "resize")) {
      Reply reply =
          post(operation, "{\"device_path\":\"/x\",\"size\":" + size + ",\"adapter_index\":7}");

      assertThat(reply.status()).as(operation).isEqualTo(400);
      assertThat(reply.error()).isEqualTo(SIZE_ERROR);
    }
  }

  @Test
  void longSizeText_isNotEchoed_row65() {
    Reply reply = add(folder.resolve("dax-x"), "\"9" + " ".repeat(5000) + "x\"");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text()).isEqualTo("{\"error\":\"" + SIZE_ERROR + "\"}");
  }

  @Test
  void unknownOperation_400_row74() {
    for (String operation : List.of("status", "frobnicate")) {
      Reply reply = post(operation, "{\"whatever\":1}");

      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.error()).isEqualTo("unsupported dax reconfigure operation: " + operation);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "7", "-1", "\"7\""})
  void adapterIndexOfNobody_404(String index) {
    Reply reply = post("remove", "{\"device_path\":\" \",\"adapter_index\":" + index + "}");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.error()).isEqualTo("dax adapter not found");
  }

  @Test
  void blankPath_400() {
    for (String operation : List.of("add", "resize")) {
      Reply reply = post(operation, "{\"device_path\":\"  \",\"size\":65536}");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.error()).isEqualTo("device_path must be a non-empty string");
    }
    assertThat(post("remove", "{\"device_path\":\"\"}").status()).isEqualTo(400);
  }

  @Test
  void hugeSizes_neitherOverflowNorTouchTheFile() throws IOException {
    Path file = rig.file(2);

    for (String size : List.of("9223372036854775807", "99999999999999999999", "\"8388607tib\"")) {
      Reply reply = add(file, size);
      assertThat(reply.status()).as(size).isEqualTo(400);
      assertThat(reply.error()).isEqualTo("failed to map DAX device");
    }
    rig.add(file, 2);
    Reply resize = post("resize", "{\"device_path\":\"" + file + "\",\"size\":\"8388607tib\"}");
    assertThat(resize.status()).isEqualTo(400);
    assertThat(resize.error()).isEqualTo("failed to remap DAX device");
    assertThat(rig.status(file).get("max_slots").asInt()).isEqualTo(2);
    assertThat(rig.state(file)).isEqualTo("active");
    assertThat(Files.size(file)).isEqualTo(2 * DaxRig.SLOT);
  }

  @Test
  void lessThanASlot_400() {
    Path device = rig.device(2);

    for (Reply reply :
        List.of(
            add(rig.file(1), String.valueOf(DaxRig.SLOT - 1)),
            post(
                "resize",
                "{\"device_path\":\"" + device + "\",\"size\":" + (DaxRig.SLOT - 1) + "}"))) {
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.error()).isEqualTo("size_bytes does not fit one slot");
    }
    assertThat(rig.state(device)).isEqualTo("active");
  }

  @Test
  void operationsRunOneAtATime_409() {
    Path busy = rig.device(2);
    rig.put("k");
    rig.device(2);
    Path other = rig.file(1);
    try (Session session = rig.client()) {
      // A reservation that is being written keeps the removal waiting until its drain time-out.
      GrantResult grant = session.reserve(ObjectKey.of("w"), 1);
      Path reserved = deviceOf(grant);
      CompletableFuture<Reply> first =
          CompletableFuture.supplyAsync(() -> rig.remove(reserved, "migrate", false));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> rig.state(reserved).equals("migrating"));

      Reply second = rig.add(other, 1);
      Reply notAllowed = rig.add(Path.of("/etc/passwd"), 1);

      assertThat(second.status()).isEqualTo(409);
      assertThat(second.text())
          .isEqualTo(
              "{\"error\":\"another reconfiguration is running\",\"operation\":\"remove\","
                  + "\"device_path\":\""
                  + reserved
                  + "\"}");
      assertThat(notAllowed.status()).as("403 comes before 409").isEqualTo(403);
      assertThat(rig.remove(Path.of("/x"), "evict", false).status())
          .as("409 comes before 404")
          .isEqualTo(409);
      Reply ended = first.join();
      assertThat(ended.status()).isEqualTo(409);
      assertThat(ended.json().at("/sessions/0/reservations").asInt()).isEqualTo(1);
      assertThat(rig.state(reserved)).isEqualTo("active");
    }
    assertThat(rig.add(other, 1).status()).isEqualTo(200);
    assertThat(rig.state(busy)).isEqualTo("active");
  }

  private static Path deviceOf(GrantResult result) {
    assertThat(result).isInstanceOf(Grant.class);
    int id = ((Grant) result).deviceId();
    return rig.registry.devices().get(id).path();
  }

  @Test
  void statusOfDaxAmongOthers_row60() {
    Reply reply = rig.http.get("/reconfigure/dax/status");

    assertThat(reply.json().get("num_adapters").asInt()).isEqualTo(1);
    assertThat(reply.json().at("/adapters/0/adapter_index").asInt()).isZero();
    assertThat(rig.http.get("/reconfigure/backends").text())
        .isEqualTo("{\"enabled\":true,\"num_backends\":1,\"backends\":[\"dax\"]}");
  }

  /** Requests with ever fewer faults: each is refused for the first fault in the order. */
  @Test
  void orderOfTheChecks() {
    Path mapped = rig.device(1);
    String json = "application/json";
    record Step(int status, String type, String body) {}
    List<Step> steps =
        List.of(
            new Step(415, "text/plain", "{"),
            new Step(422, json, "{"),
            new Step(
                422,
                json,
                "{\"device_path\":\"/x\",\"size\":\"many\",\"adapter_index\":7,\"x\":1}"),
            new Step(400, json, "{\"device_path\":\"/x\",\"size\":\"many\",\"adapter_index\":7}"),
            new Step(404, json, "{\"device_path\":\"/x\",\"size\":1,\"adapter_index\":7}"),
            new Step(403, json, "{\"device_path\":\"/x\",\"size\":1}"),
            new Step(400, json, "{\"device_path\":\"" + mapped + "\",\"size\":1}"),
            new Step(409, json, "{\"device_path\":\"" + mapped + "\",\"size\":131072}"),
            new Step(200, json, "{\"device_path\":\"" + mapped + "\",\"size\":65536}"));
    for (Step step : steps) {
      Reply reply = rig.http.post("/reconfigure/dax/add", step.body(), "Content-Type", step.type());
      assertThat(reply.status()).as(step + " " + reply.text()).isEqualTo(step.status());
    }
  }

  @Test
  void hotplugDisabled_row56(@TempDir Path other) throws IOException {
    Path start = Files.write(other.resolve("start"), new byte[2 * DaxRig.SLOT]);
    DaxRig.Options options = new DaxRig.Options(false, Duration.ZERO, List.of(start));
    try (DaxRig fixed = new DaxRig(other, options)) {
      fixed.store.attach(fixed.registry.add(start, 2 * DaxRig.SLOT));

      assertThat(fixed.status().get("hotplug_enabled").asBoolean()).isFalse();
      assertThat(fixed.state(start)).isEqualTo("active");
      for (Reply reply :
          List.of(
              fixed.add(start, 2),
              fixed.add(Path.of("/not/allowed"), 2),
              fixed.remove(start, "drain", false),
              fixed.remove(Path.of("/none"), "evict", true),
              fixed.resize(start, 1, "migrate", false))) {
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.text()).isEqualTo("{\"error\":\"DAX hotplug is disabled\"}");
      }
      assertThat(
              fixed
                  .http
                  .post("/reconfigure/dax/remove", Map.of("device_path", "/x", "adapter_index", 1))
                  .status())
          .as("404 comes before 403")
          .isEqualTo(404);
      assertThat(fixed.state(start)).isEqualTo("active");
    }
  }
}
