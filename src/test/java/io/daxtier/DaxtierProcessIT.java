package io.daxtier;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** The service as a process: its main job, how it ends, and how it refuses to start. */
class DaxtierProcessIT {

  private static final int CHUNK_BYTES = 4 << 20;

  @TempDir private Path folder;

  @Test
  void embeddedDefault_storesAndLoadsAChunk_andIsGoneAtExit() throws Exception {
    byte[] chunk = new byte[CHUNK_BYTES];
    new Random(7).nextBytes(chunk);
    byte[] key = "meta-llama/Llama-3.1-8B-Instruct@01000100@0@00ff".getBytes(US_ASCII);
    try (ApplicationProcess daxtier = ApplicationProcess.start(folder, Map.of()).awaitStarted()) {
      assertThat(daxtier.lines("WARN")).anyMatch(line -> line.contains("embedded default"));
      assertThat(embeddedFolders()).hasSize(1);
      try (Jedis client = new Jedis("127.0.0.1", daxtier.respPort())) {
        assertThat(client.set(key, chunk)).isEqualTo("OK");
        assertThat(client.get(key)).isEqualTo(chunk);
      }
      assertThat(get(daxtier, "/actuator/health").statusCode()).isEqualTo(200);

      daxtier.terminate();

      assertThat(daxtier.awaitExit()).isIn(0, 143);
      assertThat(daxtier.lines("ERROR")).isEmpty();
      assertThat(embeddedFolders()).isEmpty();
    }
  }

  @Test
  void sigterm_underLoad_endsCleanly() throws Exception {
    try (ApplicationProcess daxtier = ApplicationProcess.start(folder, Map.of()).awaitStarted();
        ExecutorService clients = Executors.newCachedThreadPool();
        Socket slow = new Socket()) {
      int port = daxtier.respPort();
      CountDownLatch underLoad = new CountDownLatch(8);
      List<Future<?>> loads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int id = i;
        loads.add(clients.submit(() -> storeUntilClosed(port, id, underLoad)));
        loads.add(clients.submit(() -> loadUntilClosed(port, id, underLoad)));
      }
      underLoad.await();
      // With small buffers between them, all but the last byte is gone only if the service reads
      // it.
      slow.setSendBufferSize(1 << 16);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      OutputStream toSlow = slow.getOutputStream();
      toSlow.write(
          ("*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$" + CHUNK_BYTES + "\r\n").getBytes(US_ASCII));
      toSlow.write(new byte[CHUNK_BYTES - 1]);

      daxtier.terminate();

      await().atMost(Duration.ofMinutes(1)).until(() -> refusesConnections(port));
      toSlow.write("\0\r\n".getBytes(US_ASCII));
      InputStream fromSlow = slow.getInputStream();
      assertThat(new String(fromSlow.readNBytes(5), US_ASCII)).isEqualTo("+OK\r\n");
      assertThat(fromSlow.read()).isEqualTo(-1);
      assertThat(daxtier.awaitExit()).isIn(0, 143);
      for (Future<?> load : loads) {
        load.get();
      }
      assertThat(daxtier.lines("ERROR")).isEmpty();
      assertThat(daxtier.output()).doesNotContain("Exception", "\tat ");
    }
  }

  @Test
  void wrongConfiguration_isOneSentenceAndExitCodeOne() throws Exception {
    String json =
        """
        {"type":"dax","slot_bytes":4096,"devices":[{"device_path":"/a","max_dax_size_gb":1},
        {"device_path":"/b","max_dax_size_gb":0}]}\
        """;
    try (ApplicationProcess daxtier =
        ApplicationProcess.start(folder, Map.of(), "--l2-adapter", json)) {
      assertRefused(daxtier, "--l2-adapter: devices[1].max_dax_size_gb must be a positive number");
    }
  }

  @Test
  void httpPortInUse_isOneSentenceAndExitCodeOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ApplicationProcess daxtier =
            ApplicationProcess.start(folder, Map.of(), "--server.port=" + taken.getLocalPort())) {
      assertRefused(daxtier, "HTTP port " + taken.getLocalPort() + " is already in use");
      assertThat(embeddedFolders()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--server.address=192.0.2.1|cannot listen for HTTP (server.address,"
            + " management.server.address): Cannot assign requested address",
        "--server.ssl.bundle=none|SSL bundle name 'none' cannot be found (server.ssl.bundle,"
            + " management.server.ssl.bundle)",
        "--server.ssl.enabled=true|TLS (server.ssl, management.server.ssl, spring.ssl.bundle): SSL"
            + " is enabled but no trust material is configured for the default host",
        "--server.ssl.key-store=/none.p12|TLS (server.ssl, management.server.ssl,"
            + " spring.ssl.bundle): Unable to create key store: Could not load store from"
            + " '/none.p12'",
        "--server.ssl.bundle=b --spring.ssl.bundle.pem.b.keystore.certificate=/none.pem|TLS"
            + " (server.ssl, management.server.ssl, spring.ssl.bundle): Could not load store:"
            + " Unable to create key store: Error reading certificate or key from file"
            + " '/none.pem'",
        "--server.ssl.bundle=b --spring.ssl.bundle.pem.b.keystore.certificate=/none.pem"
            + " --spring.ssl.bundle.pem.b.reload-on-update=true|TLS (server.ssl,"
            + " management.server.ssl, spring.ssl.bundle): Unable to register SSL bundle 'b':"
            + " Unable to watch for reload on update: Failed to register paths for watching:"
            + " [/none.pem]: '/none.pem' is neither a file nor a directory",
      },
      quoteCharacter = '`')
  void wrongHttpConfiguration_isOneSentenceAndExitCodeOne(String arguments, String sentence)
      throws Exception {
    try (ApplicationProcess daxtier =
        ApplicationProcess.start(folder, Map.of(), arguments.split(" ", -1))) {
      assertRefused(daxtier, sentence);
    }
  }

  @Test
  void fileThatIsNoYaml_isOneSentenceAndExitCodeOne() throws Exception {
    Path file =
        Files.writeString(folder.resolve("twice.yaml"), "dax:\n  slot-bytes: 1\n  slot-bytes: 2\n");
    try (ApplicationProcess daxtier =
        ApplicationProcess.start(
            folder, Map.of(), "--spring.config.additional-location=file:" + file)) {
      assertRefused(
          daxtier, "line 3 of a configuration file is no YAML: found duplicate key slot-bytes");
    }
  }

  @Test
  void refresh_touchesNoDevice() throws Exception {
    String json =
        "{\"type\":\"dax\",\"slot_bytes\":4096,\"device_path\":\"/none\",\"max_dax_size_gb\":1}";
    Map<String, String> environment =
        Map.of("L2_ADAPTER_JSON", json, "JAVA_TOOL_OPTIONS", "-Dspring.context.exit=onRefresh");
    try (ApplicationProcess daxtier = ApplicationProcess.start(folder, environment)) {
      assertThat(daxtier.awaitExit()).as(daxtier.output()).isZero();
      assertThat(daxtier.lines("ERROR")).isEmpty();
    }
  }

  private static void assertRefused(ApplicationProcess daxtier, String sentence)
      throws InterruptedException {
    assertThat(daxtier.awaitExit()).isEqualTo(1);
    assertThat(daxtier.lines("ERROR")).singleElement().asString().endsWith(sentence);
    assertThat(daxtier.output()).doesNotContain("\tat ", "Exception");
  }

  /**
   * Every object is filled with one byte: an object of two kinds of bytes was seen half-written.
   */
  private static void storeUntilClosed(int port, int id, CountDownLatch underLoad) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (Jedis client = new Jedis("127.0.0.1", port)) {
      for (int round = 0; ; round++) {
        Arrays.fill(chunk, (byte) round);
        client.set(("chunk" + id).getBytes(US_ASCII), chunk);
        underLoad.countDown();
      }
    } catch (JedisConnectionException closed) {
      assertThat(underLoad.getCount()).isZero();
    }
  }

  private static void loadUntilClosed(int port, int id, CountDownLatch underLoad) {
    byte[] expected = new byte[CHUNK_BYTES];
    try (Jedis client = new Jedis("127.0.0.1", port)) {
      while (true) {
        byte[] chunk = client.get(("chunk" + id).getBytes(US_ASCII));
        if (chunk != null) {
          Arrays.fill(expected, chunk[0]);
          assertThat(Arrays.equals(chunk, expected)).as("half-written object").isTrue();
          underLoad.countDown();
        }
      }
    } catch (JedisConnectionException closed) {
      assertThat(underLoad.getCount()).isZero();
    }
  }

  private static boolean refusesConnections(int port) throws IOException {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private List<Path> embeddedFolders() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("daxtier-")).toList();
    }
  }

  private static HttpResponse<String> get(ApplicationProcess daxtier, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + daxtier.httpPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
