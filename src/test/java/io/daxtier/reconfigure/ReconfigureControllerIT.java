package io.daxtier.reconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.daxtier.reconfigure.ControlClient.Reply;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;

/**
 * The generic routes over three backends that are beans and nothing else: fake, other, fake. Rows
 * are those of the behaviour table of LMCache's contract.
 */
@SpringBootTest(
    classes = ReconfigureControllerIT.Application.class,
    webEnvironment = WebEnvironment.RANDOM_PORT)
class ReconfigureControllerIT {

  /** No component, so that the scan of the real application passes it by. */
  @EnableAutoConfiguration
  @Import({ReconfigureController.class, SecurityConfiguration.class})
  static class Application {

    @Bean
    OperatorOptions operatorOptions() {
      return new OperatorOptions(null);
    }

    @Bean
    @Order(1)
    FakeBackend firstFake() {
      return new FakeBackend("fake");
    }

    @Bean
    @Order(2)
    FakeBackend other() {
      return new FakeBackend("other");
    }

    @Bean
    @Order(3)
    FakeBackend secondFake() {
      return new FakeBackend("fake");
    }
  }

  @Autowired FakeBackend firstFake;
  @Autowired FakeBackend other;
  @Autowired FakeBackend secondFake;
  @LocalServerPort int port;
  ControlClient client;

  @BeforeEach
  void connect() {
    client = new ControlClient("127.0.0.1", port);
  }

  @AfterEach
  void reset() {
    other.setReady(true);
  }

  @Test
  void backends_severalOfOneName_row61() {
    Reply reply = client.get("/reconfigure/backends");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.text())
        .isEqualTo("{\"enabled\":true,\"num_backends\":2,\"backends\":[\"fake\",\"other\"]}");
  }

  @Test
  void status_countsPerName_row60_row71() {
    Reply reply = client.get("/reconfigure/fake/status");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().get("num_adapters").asInt()).isEqualTo(2);
    assertThat(reply.json().get("adapters"))
        .extracting(a -> a.get("adapter_index").asInt(), a -> a.get("l2_adapter_index").asInt())
        .containsExactly(tuple(0, 0), tuple(1, 2));
    assertThat(reply.json().at("/adapters/0").propertyNames())
        .containsExactly(
            "backend", "supported_operations", "status", "adapter_index", "l2_adapter_index");
    assertThat(reply.json().at("/adapters/0/backend").asString()).isEqualTo("fake");
  }

  @Test
  void status_unknownBackend_row75() {
    assertThat(client.get("/reconfigure/nope/status").text())
        .isEqualTo("{\"enabled\":false,\"backend\":\"nope\",\"num_adapters\":0,\"adapters\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/reconfigure/fake/status",
        "/reconfigure/l2/fake/status",
        "/reconfigure/fake/l2/status",
        "/reconfigure/%20FaKe%20/status"
      })
  void status_everyAliasAndCase_row76(String path) {
    assertThat(client.get(path).json().get("backend").asString()).isEqualTo("fake");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/reconfigure/other/flip",
        "/reconfigure/l2/other/flip",
        "/reconfigure/other/l2/flip",
        "/reconfigure/OTHER/%20Flip%20"
      })
  void post_everyAliasAndCase_row70_row76(String path) {
    int before = other.calls().size();

    Reply reply = client.post(path, "{\"adapter_index\":0,\"enabled\":true}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().get("status").asString()).isEqualTo("ok");
    assertThat(reply.json().get("adapter_index").asInt()).isEqualTo(1);
    assertThat(other.calls()).hasSize(before + 1);
    FakeBackend.Call call = other.calls().getLast();
    assertThat(call.operation()).isEqualTo("flip");
    assertThat(call.fields()).containsOnlyKeys("enabled");
  }

  @Test
  void post_adapterIndexCountsPerName_row62() {
    Reply reply = client.post("/reconfigure/fake/flip", Map.of("adapter_index", 1));

    assertThat(reply.json().get("adapter_index").asInt()).isEqualTo(2);
    assertThat(secondFake.calls()).hasSize(1);
    assertThat(firstFake.calls()).isEmpty();
  }

  @Test
  void post_backendRefuses_row68() {
    Reply reply = client.post("/reconfigure/other/fill", "{}");

    assertThat(reply.status()).isEqualTo(507);
    assertThat(reply.text()).isEqualTo("{\"error\":\"no active destination DAX capacity\"}");
  }

  @Test
  void post_unknownBackend_row69() {
    Reply reply = client.post("/reconfigure/nope/flip", "{\"enabled\":true}");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.text()).isEqualTo("{\"error\":\"nope adapter not found\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "-1", "99999999999", "\"7\""})
  void post_adapterIndexOutOfRange(String index) {
    Reply reply = client.post("/reconfigure/fake/flip", "{\"adapter_index\":" + index + "}");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.error()).isEqualTo("fake adapter not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "0.5", "null", "\"x\"", "[]", "1e400", "99999999999999999999"})
  void post_adapterIndexIsNoIndex(String index) {
    for (String backend : List.of("fake", "nope")) {
      Reply reply =
          client.post("/reconfigure/" + backend + "/flip", "{\"adapter_index\":" + index + "}");

      assertThat(reply.status()).isEqualTo(422);
      assertThat(reply.json().at("/detail/0/loc/0").asString()).isEqualTo("adapter_index");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "7", "\"x\"", "{", "{\"a\":1} 2", "{\"a\":}", "\u0000"})
  void post_bodyIsNoObject(String body) {
    Reply reply = client.post("/reconfigure/nope/flip", body);

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.json().at("/detail/0/loc/0").asString()).isEqualTo("body");
    assertThat(reply.json().at("/detail/0/msg").asString()).isNotBlank();
  }

  @Test
  void post_bodyNestedTooDeep() {
    Reply reply = client.post("/reconfigure/fake/flip", "{\"a\":" + "[".repeat(20_000));

    assertThat(reply.status()).isEqualTo(422);
  }

  @Test
  void post_bodyTooLong() {
    Reply reply = client.post("/reconfigure/fake/flip", "{\"a\":\"" + "x".repeat(70_000) + "\"}");

    assertThat(reply.status()).isEqualTo(413);
  }

  @Test
  void post_manyErrors_listedUpToALimitWithoutValues() {
    StringBuilder body = new StringBuilder("{\"word\":123454321");
    for (int i = 0; i < 1000; i++) {
      body.append(",\"f").append(i).append("\":\"secret\"");
    }

    Reply reply = client.post("/reconfigure/fake/strict", body.append('}').toString());

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.json().get("detail").size()).isBetween(2, 100);
    assertThat(reply.text()).doesNotContain("secret").doesNotContain("123454321");
  }

  @Test
  void post_noJsonHeader_415() {
    String path = "/reconfigure/nope/flip";

    assertThat(client.post(path, "{}", new String[0]).status()).isEqualTo(415);
    assertThat(client.post(path, "", new String[0]).status()).isEqualTo(415);
    for (String type :
        List.of(
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/jsonx",
            "application/merge-patch+json",
            "json",
            ";")) {
      assertThat(client.post(path, "not json", "Content-Type", type).status())
          .as(type)
          .isEqualTo(415);
    }
    Reply utf8 = client.post(path, "{}", "Content-Type", "Application/JSON; charset=utf-8");
    assertThat(utf8.status()).isEqualTo(404);
  }

  @Test
  void post_callerAcceptsSomethingElse_changesAndAnswersJson() {
    Reply reply =
        client.post(
            "/reconfigure/other/flip",
            "{}",
            "Content-Type",
            "application/json",
            "Accept",
            "text/html");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void anyRoute_backendNotStarted_row74() {
    other.setReady(false);

    Reply status = client.get("/reconfigure/other/status");
    Reply post = client.post("/reconfigure/other/flip", "{\"adapter_index\":\"x\"}");

    assertThat(status.status()).isEqualTo(503);
    assertThat(status.text()).isEqualTo("{\"error\":\"engine not initialized\"}");
    assertThat(post.status()).isEqualTo(503);
    assertThat(client.get("/reconfigure/fake/status").status()).isEqualTo(200);
  }

  @Test
  void blankNames_400() {
    assertThat(client.post("/reconfigure/%20/flip", "{}").error())
        .isEqualTo("backend must be non-empty");
    assertThat(client.post("/reconfigure/fake/%20", "{}").error())
        .isEqualTo("operation must be non-empty");
    assertThat(client.get("/reconfigure/%20/status").status()).isEqualTo(400);
  }

  @Test
  void routesOfOtherGenerations_row72() {
    assertThat(client.get("/dax/status").status()).isEqualTo(404);
    assertThat(client.post("/dax/add", "{}").status()).isEqualTo(404);
    assertThat(client.get("/reconfigure/fake/l1/status").status()).isEqualTo(404);
    assertThat(client.get("/reconfigure/fake/flip").status()).isEqualTo(405);
    assertThat(client.send("PUT", "/reconfigure/fake/flip").status()).isEqualTo(405);
  }
}
