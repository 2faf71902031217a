package io.daxtier.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against doubles that answer wrongly; the real service is met in {@code ChartServiceIT}. */
class SmokeCheckTest {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final List<AutoCloseable> servers = new ArrayList<>();

  @AfterEach
  void closeServers() throws Exception {
    for (AutoCloseable server : servers) {
      server.close();
    }
  }

  @Test
  void run_againstAStoreThatWorks_storesLoadsAndDeletes() throws Exception {
    FakeStore store = start(new FakeStore(Map.of()));

    run(Map.of(), "--resp=" + store.address());

    assertThat(said.toString(StandardCharsets.UTF_8)).contains("stores and loads: 127.0.0.1:");
    assertThat(store.commands).containsExactly("SET", "EXISTS", "GET", "DEL", "EXISTS");
  }

  @Test
  void run_withCredentials_authenticatesFirst() throws Exception {
    FakeStore store = start(new FakeStore(Map.of()));

    run(Map.of("DAX_RESP_PASSWORD", "p"), "--resp=" + store.address());
    run(Map.of("DAX_RESP_USERNAME", "u", "DAX_RESP_PASSWORD", "p"), "--resp=" + store.address());

    assertThat(store.words).contains(List.of("AUTH", "p"), List.of("AUTH", "u", "p"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AUTH", "SET", "EXISTS", "GET", "DEL"})
  void run_againstAStoreThatRefuses_namesTheCommand(String refused) throws Exception {
    FakeStore store = start(new FakeStore(Map.of(refused, "-ERR not today\r\n")));

    assertThatIOException()
        .isThrownBy(
            () -> run(Map.of("DAX_RESP_PASSWORD", "p"), "--wait=0", "--resp=" + store.address()))
        .withMessage(store.address() + ": " + refused + " answered -ERR not today");
  }

  @Test
  void run_againstAStoreThatMixesBytesUp_saysSo() throws Exception {
    FakeStore store = start(new FakeStore(Map.of("GET", "$1024\r\n" + "x".repeat(1024) + "\r\n")));

    assertThatIOException()
        .isThrownBy(() -> run(Map.of(), "--wait=0", "--resp=" + store.address()))
        .withMessage(store.address() + ": GET answered other bytes than were stored");
  }

  @Test
  void run_againstAServiceThatIsNotReadyYet_triesAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String url = http(() -> calls.incrementAndGet() < 3 ? 503 : 200, "{\"status\":\"UP\"}");

    run(Map.of(), "--management=" + url);

    assertThat(calls).hasValue(3);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("ready: " + url + "/actuator/health/readiness");
  }

  @Test
  void run_againstAnotherServer_saysWhatIsMissing() throws Exception {
    String url = http(() -> 200, "hello");

    assertThatIOException()
        .isThrownBy(() -> run(Map.of(), "--wait=0", "--http=" + url))
        .withMessageContaining(url + "/reconfigure/dax/status")
        .withMessageContaining("no \"backend\" in the answer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--resp", "--resp=", "--nope=1", "resp=a:1", "--wait=soon"})
  void parse_ofAWrongOption_isRefused(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SmokeCheck.parse(List.of(option, "--http=http://x"), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--http=ftp://host/", "--management=file:/x", "--http=localhost:9000"})
  void parse_ofAUrlThatIsNotHttp_isRefused(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SmokeCheck.parse(List.of(option), Map.of()))
        .withMessageContaining("must be an http or https URL, not ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--resp=6380", "--resp=host:", "--resp=host:x"})
  void run_withAnAddressThatIsNone_isRefused(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(Map.of(), option))
        .withMessageContaining("--resp must be HOST:PORT");
  }

  private void run(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    SmokeCheck.parse(List.of(args), environment)
        .run(new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private FakeStore start(FakeStore store) {
    servers.add(store);
    Thread.ofVirtual().start(store::serve);
    return store;
  }

  private String http(IntSupplier status, String body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    servers.add(() -> server.stop(0));
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status.getAsInt(), bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A RESP server for one connection after another, with some answers replaced. */
  private static final class FakeStore implements AutoCloseable {

    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<List<String>> words = new CopyOnWriteArrayList<>();
    private final Map<String, String> replaced;
    private final ServerSocket server;

    FakeStore(Map<String, String> replaced) throws IOException {
      this.replaced = replaced;
      this.server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    String address() {
      return "127.0.0.1:" + server.getLocalPort();
    }

    void serve() {
      while (!server.isClosed()) {
        try (Socket client = server.accept()) {
          Map<String, String> objects = new HashMap<>();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
          OutputStream out = client.getOutputStream();
          for (List<String> command = read(in); !command.isEmpty(); command = read(in)) {
            out.write(answer(command, objects).getBytes(StandardCharsets.ISO_8859_1));
          }
        } catch (IOException e) {
          // The client is gone or the test is over.
        }
      }
    }

    private String answer(List<String> command, Map<String, String> objects) {
      commands.add(command.getFirst());
      words.add(command);
      String usual =
          switch (command.getFirst()) {
            case "SET" -> {
              objects.put(command.get(1), command.get(2));
              yield "+OK\r\n";
            }
            case "GET" -> {
              String value = objects.getOrDefault(command.get(1), "");
              yield "$" + value.length() + "\r\n" + value + "\r\n";
            }
            case "EXISTS" -> objects.containsKey(command.get(1)) ? ":1\r\n" : ":0\r\n";
            case "DEL" -> objects.remove(command.get(1)) != null ? ":1\r\n" : ":0\r\n";
            default -> "+OK\r\n";
          };
      return replaced.getOrDefault(command.getFirst(), usual);
    }

    private static List<String> read(BufferedReader in) throws IOException {
      String header = in.readLine();
      List<String> words = new ArrayList<>();
      int count = header == null ? 0 : Integer.parseInt(header.substring(1));
      for (int i = 0; i < count; i++) {
        char[] word = new char[Integer.parseInt(in.readLine().substring(1))];
        for (int at = 0; at < word.length; ) {
          at += in.read(word, at, word.length - at);
        }
        in.readLine();
        words.add(new String(word));
      }
      return words;
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
