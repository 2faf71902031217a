package io.daxtier.reconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Speaks to the control plane over HTTP as an operator's tool does. Any thread may use it. */
public final class ControlClient {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String base;

  /** What came back; {@code json} is missing if the body is no JSON. */
  public record Reply(int status, String text, JsonNode json, HttpHeaders headers) {

    /** The contract's {@code {"error": …}} text, or all of the body if it is something else. */
    public String error() {
      return json.size() == 1 && json.has("error") ? json.get("error").asString() : text;
    }
  }

  public ControlClient(String host, int port) {
    this.base = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** The whole address of a path. */
  public URI uri(String path) {
    return URI.create(base + path);
  }

  public Reply get(String path) {
    return send(request(path).GET());
  }

  /** Posts an object whose values are strings, numbers, booleans or null. */
  public Reply post(String path, Map<String, ?> body) {
    return post(path, MAPPER.writeValueAsString(body));
  }

  public Reply post(String path, String body) {
    return post(path, body, "Content-Type", "application/json");
  }

  /** Posts with just these headers, given as name, value, name, value… */
  public Reply post(String path, String body, String... headers) {
    HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public Reply send(String method, String path, String... headers) {
    HttpRequest.Builder request = request(path).method(method, BodyPublishers.noBody());
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(TIMEOUT);
  }

  private Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return new Reply(
          response.statusCode(), response.body(), parsed(response.body()), response.headers());
    } catch (IOException e) {
      throw new AssertionError("no answer from " + base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static JsonNode parsed(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }
}
