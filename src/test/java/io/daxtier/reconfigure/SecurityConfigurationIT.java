package io.daxtier.reconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.daxtier.reconfigure.ControlClient.Reply;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Who may read and who may change, with real connections from loopback and from elsewhere. */
@ExtendWith(OutputCaptureExtension.class)
class SecurityConfigurationIT {

  private static final String FLIP = "/reconfigure/fake/flip";
  private static final String JSON = "application/json";

  /** No component, so that the scan of the real application passes it by. */
  @EnableAutoConfiguration
  @Import({ReconfigureController.class, SecurityConfiguration.class, SwitchEndpoint.class})
  static class Application {

    @Bean
    FakeBackend fake() {
      return new FakeBackend("fake");
    }
  }

  /** Stands for the actuator's own write operations. */
  @Endpoint(id = "switches")
  static class SwitchEndpoint {

    private final List<String> deleted = new ArrayList<>();

    @ReadOperation
    List<String> deleted() {
      return deleted;
    }

    @DeleteOperation
    void delete(@Selector String id) {
      deleted.add(id);
    }
  }

  private static ConfigurableApplicationContext start(OperatorOptions options, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--server.address=::",
                "--server.forward-headers-strategy=none",
                "--management.endpoints.web.exposure.include=*"));
    arguments.addAll(List.of(more));
    return new SpringApplicationBuilder(Application.class)
        .initializers(
            context -> context.getBeanFactory().registerSingleton("operatorOptions", options))
        .run(arguments.toArray(String[]::new));
  }

  private static ControlClient client(ConfigurableApplicationContext context, String host) {
    return new ControlClient(host, port(context, "local.server.port"));
  }

  private static int port(ConfigurableApplicationContext context, String name) {
    return context.getEnvironment().getRequiredProperty(name, Integer.class);
  }

  /** An address of this host that is not loopback, so that a connection comes from elsewhere. */
  private static String elsewhere() {
    try {
      Optional<InetAddress> address =
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .filter(a -> a instanceof Inet4Address && !a.isLoopbackAddress())
              .findFirst();
      assumeTrue(address.isPresent(), "this host has no address but loopback");
      return address.get().getHostAddress();
    } catch (SocketException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noToken_loopbackMayChange(CapturedOutput output) {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("  "))) {
      assertThat(client(context, "127.0.0.1").post(FLIP, "{}").status()).isEqualTo(200);
      assertThat(client(context, "127.1.2.3").post(FLIP, "{}").status()).isEqualTo(200);
      assertThat(client(context, "::1").post(FLIP, "{}").status()).isEqualTo(200);
      assertThat(output).contains("dax.admin-token is not set");
      assertThat(output).doesNotContain("security password");
    }
  }

  @Test
  void noToken_othersMayOnlyRead() {
    try (ConfigurableApplicationContext context = start(new OperatorOptions(null))) {
      ControlClient client = client(context, elsewhere());

      Reply refused = client.post(FLIP, "{}");

      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.error()).isEqualTo("only callers of this host may change anything");
      assertThat(client.get("/reconfigure/fake/status").status()).isEqualTo(200);
      assertThat(client.get("/actuator/health").status()).isEqualTo(200);
      assertThat(client.send("DELETE", "/actuator/switches/1").status()).isEqualTo(403);
      assertThat(context.getBean(FakeBackend.class).calls()).isEmpty();
    }
  }

  @Test
  void noToken_forwardedHeadersAreNotBelieved() {
    try (ConfigurableApplicationContext context =
        start(new OperatorOptions(null), "--spring.main.cloud-platform=kubernetes")) {
      ControlClient client = client(context, elsewhere());
      for (String header : List.of("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP")) {
        String value = header.equals("Forwarded") ? "for=127.0.0.1" : "127.0.0.1";
        Reply reply = client.post(FLIP, "{}", "Content-Type", JSON, header, value);
        assertThat(reply.status()).as(header).isEqualTo(403);
      }
    }
  }

  @Test
  void noToken_pageOfAnotherHostIsNobody() {
    try (ConfigurableApplicationContext context = start(new OperatorOptions(null))) {
      ControlClient client = client(context, "127.0.0.1");
      for (String evil :
          List.of("http://evil.example", "null", "http://127.0.0.1.evil.example", "::", "")) {
        assertThat(client.post(FLIP, "{}", "Content-Type", JSON, "Origin", evil).status())
            .as(evil)
            .isEqualTo(403);
      }
      for (String local : List.of("http://localhost:9000", "http://127.0.0.1", "http://[::1]:9")) {
        assertThat(client.post(FLIP, "{}", "Content-Type", JSON, "Origin", local).status())
            .as(local)
            .isEqualTo(200);
      }
    }
  }

  @Test
  void token_isNeededFromEverywhere(CapturedOutput output) {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("s3cret-tökén"))) {
      for (String host : List.of("127.0.0.1", elsewhere())) {
        ControlClient client = client(context, host);

        Reply none = client.post(FLIP, "{}");

        assertThat(none.status()).isEqualTo(401);
        assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(none.error()).isEqualTo("a valid admin token is needed");
        assertThat(client.get("/reconfigure/fake/status").status()).isEqualTo(200);
        assertThat(client.get("/actuator/health").status()).isEqualTo(200);
        assertThat(client.send("DELETE", "/actuator/switches/1").status()).isEqualTo(401);
      }
      assertThat(output).doesNotContain("dax.admin-token is not set").doesNotContain("s3cret");
    }
  }

  @Test
  void token_wrong() {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("s3cret"))) {
      ControlClient client = client(context, "127.0.0.1");
      for (String header :
          List.of(
              "Bearer ", "Bearer s3cre", "Bearer s3crett", "Basic s3cret", "s3cret", "Bearer")) {
        Reply reply = client.post(FLIP, "{}", "Content-Type", JSON, "Authorization", header);

        assertThat(reply.status()).as(header).isEqualTo(401);
        assertThat(reply.text()).doesNotContain("s3cre");
      }
    }
  }

  @Test
  void token_right_changesAndIsAudited(CapturedOutput output) {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("s3cret"))) {
      ControlClient client = client(context, elsewhere());
      String[] token = {"Content-Type", JSON, "Authorization", "bearer s3cret"};

      assertThat(client.post(FLIP, "{\"on\":\"a\\nb\"}", token).status()).isEqualTo(200);
      assertThat(client.post("/reconfigure/fake/fill", "{}", token).status()).isEqualTo(507);
      assertThat(
              client
                  .send("DELETE", "/actuator/switches/7", "Authorization", "Bearer s3cret")
                  .status())
          .isEqualTo(204);
      assertThat(client.get("/actuator/switches").text()).isEqualTo("[\"7\"]");
      assertThat(client.post(FLIP, "{}").headers().firstValue("Set-Cookie")).isEmpty();

      List<String> lines =
          output.getOut().lines().filter(line -> line.contains("audit who=")).toList();
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0))
          .contains("who=\"admin-token " + elsewhere())
          .contains("what=\"POST /reconfigure/fake/flip {\\\"on\\\":\\\"a\\\\nb\\\"}\"")
          .contains("result=200")
          .containsPattern("duration_ms=\\d+");
      assertThat(lines.get(1)).contains("result=507");
      assertThat(lines.get(2)).contains("DELETE /actuator/switches/7").contains("result=204");
      assertThat(lines.get(3)).contains("who=\"unknown ").contains("result=401");
      assertThat(output).doesNotContain("s3cret");
    }
  }

  @Test
  void token_withLineEnd_isTheTextBeforeIt() {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("s3cret\n"))) {
      ControlClient client = client(context, "127.0.0.1");
      String[] token = {"Content-Type", JSON, "Authorization", "Bearer s3cret"};

      assertThat(client.post(FLIP, "{}", token).status()).isEqualTo(200);
    }
  }

  @Test
  void managementPort_sameRule() {
    try (ConfigurableApplicationContext context =
        start(
            new OperatorOptions("s3cret"),
            "--management.server.port=0",
            "--management.server.address=127.0.0.1")) {
      ControlClient client = new ControlClient("127.0.0.1", port(context, "local.management.port"));

      assertThat(client.get("/actuator/health").status()).isEqualTo(200);
      assertThat(client.send("DELETE", "/actuator/switches/1").status()).isEqualTo(401);
      assertThat(
              client
                  .send("DELETE", "/actuator/switches/1", "Authorization", "Bearer s3cret")
                  .status())
          .isEqualTo(204);
    }
  }

  @Test
  void refusal_comesBeforeEverythingElse() {
    try (ConfigurableApplicationContext context = start(new OperatorOptions("s3cret"))) {
      ControlClient client = client(context, "127.0.0.1");

      assertThat(
              client
                  .post("/reconfigure/nope/flip", "not json", "Content-Type", "text/plain")
                  .status())
          .isEqualTo(401);
      assertThat(client.post("/no/such/route", "{}").status()).isEqualTo(401);
      assertThat(client.send("OPTIONS", FLIP, "Origin", "http://evil.example").headers().map())
          .doesNotContainKey("Access-Control-Allow-Origin");
    }
  }
}
