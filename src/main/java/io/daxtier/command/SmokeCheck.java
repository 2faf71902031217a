package io.daxtier.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * {@code smoke-check --resp=HOST:PORT --http=URL --management=URL [--trust=PEM] [--wait=SECONDS]}:
 * asks a running service whether it does what it is for. An object goes out and comes back by RESP,
 * the status of the devices comes by HTTP, and the management port says ready. Parts whose address
 * is not given are not checked.
 *
 * @param resp where RESP is served, as {@code host:port}
 * @param http base URL of the HTTP port
 * @param management base URL of the management port
 * @param trust the certificates to trust where a URL asks for TLS, instead of the JVM's
 * @param patience how long a check is tried again until it succeeds: a service address works only a
 *     moment after the pod is ready
 */
record SmokeCheck(
    @Nullable String resp,
    @Nullable String http,
    @Nullable String management,
    @Nullable Path trust,
    Duration patience,
    Map<String, String> environment) {

  private static final String USAGE =
      "smoke-check --resp=HOST:PORT --http=URL --management=URL [--trust=PEM] [--wait=SECONDS]";
  private static final Set<String> OPTIONS =
      Set.of("--resp", "--http", "--management", "--trust", "--wait");
  private static final Pattern HTTP_URL = Pattern.compile("(?i)https?://.+");
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int RETRY_MILLIS = 500;
  private static final int VALUE_BYTES = 1_024;
  private static final int MAX_BODY_BYTES = 1 << 20;

  static SmokeCheck parse(List<String> args, Map<String, String> environment) {
    Map<String, String> given = new HashMap<>();
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (pair.length != 2 || !OPTIONS.contains(pair[0]) || pair[1].isBlank()) {
        throw new IllegalArgumentException(arg + " is not an option of " + USAGE);
      }
      given.put(pair[0], pair[1]);
    }
    if (given.keySet().stream().noneMatch(Set.of("--resp", "--http", "--management")::contains)) {
      throw new IllegalArgumentException("nothing to check: " + USAGE);
    }
    String trust = given.get("--trust");
    return new SmokeCheck(
        given.get("--resp"),
        url("--http", given),
        url("--management", given),
        trust == null ? null : Path.of(trust),
        seconds(given.getOrDefault("--wait", "30")),
        environment);
  }

  private static @Nullable String url(String option, Map<String, String> given) {
    String url = given.get(option);
    if (url != null && !HTTP_URL.matcher(url).matches()) {
      throw new IllegalArgumentException(option + " must be an http or https URL, not " + url);
    }
    return url;
  }

  private static Duration seconds(String text) {
    try {
      return Duration.ofSeconds(Integer.parseUnsignedInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--wait must be a whole number of seconds", e);
    }
  }

  /** Runs all checks, a line each, and fails with the first one's sentence. */
  void run(PrintStream out) throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    if (management != null) {
      String url = management + "/actuator/health/readiness";
      retry(deadlineNanos, () -> get(url, "\"UP\""));
      out.println("ready: " + url);
    }
    if (http != null) {
      String url = http + "/reconfigure/dax/status";
      retry(deadlineNanos, () -> get(url, "\"backend\""));
      out.println("answers: " + url);
    }
    if (resp != null) {
      retry(deadlineNanos, () -> roundTrip(resp));
      out.println("stores and loads: " + resp);
    }
  }

  private static void retry(long deadlineNanos, Check check)
      throws IOException, InterruptedException {
    while (true) {
      try {
        check.run();
        return;
      } catch (IOException e) {
        if (System.nanoTime() - deadlineNanos >= 0) {
          throw e;
        }
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }

  private void get(String url, String expected) throws IOException {
    try {
      HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      if (trust != null && connection instanceof HttpsURLConnection secure) {
        SSLSocketFactory trusted = TrustedCertificates.socketFactory(trust);
        secure.setSSLSocketFactory(trusted);
      }
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException("status " + status);
      }
      try (InputStream in = connection.getInputStream()) {
        String body = new String(in.readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
        if (!body.contains(expected)) {
          throw new IOException("no " + expected + " in the answer");
        }
      }
    } catch (IOException e) {
      throw new IOException(url + ": " + e, e);
    }
  }

  private void roundTrip(String address) throws IOException {
    try (RespConnection connection = RespConnection.open(address, TIMEOUT_MILLIS)) {
      String password = environment.getOrDefault("DAX_RESP_PASSWORD", "");
      String username = environment.getOrDefault("DAX_RESP_USERNAME", "");
      if (!password.isEmpty()) {
        expect(
            "AUTH",
            "+OK",
            username.isEmpty()
                ? connection.call("AUTH", password)
                : connection.call("AUTH", username, password));
      }
      byte[] value = new byte[VALUE_BYTES];
      SecureRandom random = new SecureRandom();
      random.nextBytes(value);
      byte[] suffix = new byte[8];
      random.nextBytes(suffix);
      String key = "smoke-check:" + HexFormat.of().formatHex(suffix);
      expect("SET", "+OK", connection.set(key, value));
      try {
        expect("EXISTS", ":1", connection.call("EXISTS", key));
        if (!Arrays.equals(value, connection.get(key, VALUE_BYTES))) {
          throw new IOException("GET answered other bytes than were stored");
        }
      } finally {
        expect("DEL", ":1", connection.call("DEL", key));
      }
      expect("EXISTS after DEL", ":0", connection.call("EXISTS", key));
    } catch (IOException e) {
      throw new IOException(address + ": " + e.getMessage(), e);
    }
  }

  private static void expect(String command, String expected, String reply) throws IOException {
    if (!reply.equals(expected)) {
      throw new IOException(command + " answered " + reply);
    }
  }

  @FunctionalInterface
  private interface Check {
    void run() throws IOException;
  }
}
