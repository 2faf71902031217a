package io.daxtier.reconfigure;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes of LMCache's reconfigure API over whatever backends there are; it knows none of them.
 * {@code /reconfigure/l2/{backend}/…} and {@code /reconfigure/{backend}/l2/…}, which other releases
 * of LMCache serve, are the same routes.
 *
 * <p>A POST is checked in this order: media type, JSON object, names, readiness, payload, adapter;
 * the rest is the backend's. Who may post at all was decided before.
 */
@RestController
public final class ReconfigureController {

  private static final int MAX_BODY_BYTES = 64 * 1024;

  private final List<ReconfigurableBackend> backends;
  private final ObjectReader reader;

  /** A controller over backends in the order that their generic index counts. */
  public ReconfigureController(ObjectProvider<ReconfigurableBackend> backends, JsonMapper mapper) {
    this.backends = backends.orderedStream().toList();
    this.reader = mapper.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** Which kinds of backend can be reconfigured. */
  @Operation(summary = "Which kinds of backend can be reconfigured")
  @GetMapping("/reconfigure/backends")
  ResponseEntity<BackendList> backends() {
    List<String> names =
        backends.stream().map(ReconfigurableBackend::name).sorted().distinct().toList();
    return json(200, new BackendList(!names.isEmpty(), names.size(), names));
  }

  /** What the backends of one name look like; a name that nobody has is not an error. */
  @Operation(summary = "What the backends of one name look like; an unknown name is an empty list")
  @GetMapping({
    "/reconfigure/{backend}/status",
    "/reconfigure/l2/{backend}/status",
    "/reconfigure/{backend}/l2/status"
  })
  ResponseEntity<BackendStatus> status(@PathVariable String backend) {
    String name = normalized("backend", backend);
    List<Integer> indices = adapters(name);
    List<AdapterStatus> adapters =
        IntStream.range(0, indices.size()).mapToObj(i -> status(i, indices.get(i))).toList();
    return json(200, new BackendStatus(!adapters.isEmpty(), name, adapters.size(), adapters));
  }

  /** Carries out one operation and answers when it has ended. */
  @Operation(
      summary = "Carry out one operation of a backend, and answer when it has ended",
      security = @SecurityRequirement(name = "admin-token"),
      requestBody =
          @RequestBody(
              required = true,
              description = "adapter_index, 0 by default, and what the operation needs",
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      schema = @Schema(type = "object"))))
  @PostMapping({
    "/reconfigure/{backend}/{operation}",
    "/reconfigure/l2/{backend}/{operation}",
    "/reconfigure/{backend}/l2/{operation}"
  })
  ResponseEntity<Map<String, Object>> reconfigure(
      @PathVariable String backend, @PathVariable String operation, HttpServletRequest request)
      throws IOException {
    JsonNode body = body(request);
    AuditFilter.describe(request, body);
    String name = normalized("backend", backend);
    Map<String, Object> reply = reconfigure(name, normalized("operation", operation), body);
    return json(200, reply);
  }

  private Map<String, Object> reconfigure(String name, String operation, JsonNode body) {
    List<Integer> indices = adapters(name);
    Payload payload = new Payload(body);
    if (indices.isEmpty()) {
      payload.requireValid();
      throw adapterNotFound(name);
    }
    // The payload is checked before the index: the first adapter speaks for its name.
    int asked = Math.clamp(payload.adapterIndex(), -1, indices.size());
    boolean found = asked >= 0 && asked < indices.size();
    int index = indices.get(found ? asked : 0);
    Reconfiguration reconfiguration = backends.get(index).prepare(operation, payload);
    payload.requireValid();
    if (!found) {
      throw adapterNotFound(name);
    }
    Map<String, Object> reply = new LinkedHashMap<>(reconfiguration.apply());
    reply.put(Payload.ADAPTER_INDEX, index);
    return reply;
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> refused(ReconfigureException refusal) {
    return json(refusal.status(), refusal.body());
  }

  private AdapterStatus status(int adapterIndex, int genericIndex) {
    ReconfigurableBackend backend = backends.get(genericIndex);
    return new AdapterStatus(
        backend.name(),
        backend.supportedOperations(),
        backend.status(),
        adapterIndex,
        genericIndex);
  }

  /** The generic indices of the backends of one name. */
  private List<Integer> adapters(String name) {
    List<Integer> indices =
        IntStream.range(0, backends.size())
            .filter(i -> backends.get(i).name().equals(name))
            .boxed()
            .toList();
    if (!indices.stream().map(backends::get).allMatch(ReconfigurableBackend::isReady)) {
      throw new ReconfigureException(503, "engine not initialized");
    }
    return indices;
  }

  private JsonNode body(HttpServletRequest request) throws IOException {
    if (!isJson(request.getContentType())) {
      throw new ReconfigureException(415, "content type must be application/json");
    }
    byte[] bytes = request.getInputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length > MAX_BODY_BYTES) {
      throw new ReconfigureException(413, "body must not exceed " + MAX_BODY_BYTES + " bytes");
    }
    JsonNode body;
    try {
      body = reader.readTree(bytes);
    } catch (JacksonException e) {
      throw Payload.notAnObject("json_invalid", "JSON decode error");
    }
    if (!body.isObject()) {
      throw Payload.notAnObject("dict_type", "Input should be a valid dictionary");
    }
    return body;
  }

  private static boolean isJson(@Nullable String contentType) {
    try {
      return contentType != null
          && MediaType.APPLICATION_JSON.equalsTypeAndSubtype(MediaType.parseMediaType(contentType));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String normalized(String what, String text) {
    String normalized = text.strip().toLowerCase(Locale.ROOT);
    if (normalized.isEmpty()) {
      throw new ReconfigureException(400, what + " must be non-empty");
    }
    return normalized;
  }

  private static ReconfigureException adapterNotFound(String name) {
    return new ReconfigureException(404, name + " adapter not found");
  }

  /** Always JSON, whatever the caller accepts: by now a change has been made. */
  private static <T> ResponseEntity<T> json(int status, T body) {
    return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON).body(body);
  }
}
