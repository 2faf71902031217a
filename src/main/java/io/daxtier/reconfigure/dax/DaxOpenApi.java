package io.daxtier.reconfigure.dax;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;

/**
 * Describes the dax operations, which the generic routes cannot. The examples speak of the first
 * device there is, so that they work as they stand: add and resize change nothing, remove drains.
 */
final class DaxOpenApi implements OpenApiCustomizer {

  private static final String TAG = "dax";
  private static final String JSON = "application/json";
  private static final String UNITS = "KMGT";

  private final DaxDeviceRegistry registry;

  DaxOpenApi(DaxDeviceRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void customise(OpenAPI api) {
    api.path("/reconfigure/dax/status", new PathItem().get(status()))
        .path("/reconfigure/dax/add", new PathItem().post(add()))
        .path("/reconfigure/dax/remove", new PathItem().post(remove()))
        .path("/reconfigure/dax/resize", new PathItem().post(resize()));
  }

  private static Operation status() {
    return new Operation()
        .addTagsItem(TAG)
        .operationId("daxStatus")
        .summary("All devices, removed ones included, with their slots and states")
        .responses(new ApiResponses().addApiResponse("200", response("The devices.")));
  }

  private Operation add() {
    return change(
            "daxAdd",
            "Map a device and store on it; make a draining one active again",
            body("device_path", "size"),
            new Example("size", DaxOpenApi::size))
        .responses(
            responses(
                "The device.",
                "No size, less than a slot, or the device cannot be mapped; the log says why.",
                "Mapped with another size, failed, in quarantine, or held by another process."));
  }

  private Operation remove() {
    Schema<Object> body = body("device_path");
    body.addProperty("mode", modes(DaxBackend.MODES_OF_REMOVE));
    body.addProperty("force", force());
    return change(
            "daxRemove",
            "Take a device out, or stop storing on it",
            body,
            new Example("mode", device -> "drain"))
        .responses(
            responses(
                    "What was moved, dropped and freed.",
                    "No path.",
                    "Blocked by locks, reads or writes: counts, and the sessions that hold them.")
                .addApiResponse("507", response("No room on other active devices.")));
  }

  private Operation resize() {
    Schema<Object> body = body("device_path", "size");
    body.addProperty("mode", modes(DaxBackend.MODES_OF_RESIZE));
    body.addProperty("force", force());
    return change(
            "daxResize",
            "Use more or less of a device",
            body,
            new Example("size", DaxOpenApi::size))
        .responses(
            responses(
                    "The old and the new size.",
                    "No size, less than a slot, or more than the device has.",
                    "Blocked in the part that goes, or objects there may only go by force.")
                .addApiResponse("507", response("No room for what lies in the part that goes.")));
  }

  private static Operation change(
      String id, String summary, Schema<Object> body, Map<String, Object> example) {
    MediaType json = new MediaType().schema(body).example(example);
    return new Operation()
        .addTagsItem(TAG)
        .operationId(id)
        .summary(summary)
        .addSecurityItem(new SecurityRequirement().addList("admin-token"))
        .requestBody(
            new RequestBody().required(true).content(new Content().addMediaType(JSON, json)));
  }

  private static Schema<Object> body(String... required) {
    Schema<Object> body = schema("object", null);
    body.addProperty("device_path", schema("string", "Any name of the device."));
    body.addProperty("adapter_index", schema("integer", "Which dax adapter; 0 by default."));
    body.setRequired(List.of(required));
    body.setAdditionalProperties(false);
    if (List.of(required).contains("size")) {
      Schema<Object> size =
          schema("string", "Bytes, or a number with a unit; all units are powers of 1024.");
      size.setTypes(Set.of("string", "integer"));
      body.addProperty("size", size);
    }
    return body;
  }

  private static Schema<Object> modes(List<String> modes) {
    Schema<Object> schema =
        schema("string", "What becomes of the objects; " + modes.getFirst() + " by default.");
    modes.forEach(schema::addEnumItemObject);
    return schema;
  }

  private static Schema<Object> force() {
    return schema("boolean", "Drop locks, and in the end close connections that are in the way.");
  }

  private static Schema<Object> schema(String type, @Nullable String description) {
    Schema<Object> schema = new Schema<>();
    schema.setType(type);
    schema.setTypes(Set.of(type));
    schema.setDescription(description);
    return schema;
  }

  private static ApiResponses responses(String done, String invalid, String conflict) {
    return new ApiResponses()
        .addApiResponse("200", response(done))
        .addApiResponse("400", response(invalid))
        .addApiResponse("401", response("The admin token is missing or wrong."))
        .addApiResponse("403", response("Not an operator, hotplug is off, or path not allowed."))
        .addApiResponse("404", response("No such adapter or device."))
        .addApiResponse("409", response(conflict + " Or another operation is running."))
        .addApiResponse("415", response("The body is not declared as application/json."))
        .addApiResponse("422", response("A field is missing, unknown or of the wrong type."));
  }

  private static ApiResponse response(String description) {
    return new ApiResponse()
        .description(description)
        .content(new Content().addMediaType(JSON, new MediaType().schema(schema("object", null))));
  }

  /**
   * A body that names the first device there is when it is read: springdoc keeps the document, and
   * writes it anew for each caller.
   */
  private final class Example extends AbstractMap<String, Object> {

    private final String field;
    private final Function<Optional<DaxDevice>, String> value;

    Example(String field, Function<Optional<DaxDevice>, String> value) {
      this.field = field;
      this.value = value;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      Optional<DaxDevice> device =
          registry.devices().stream().filter(d -> d.state().isUsable()).findFirst();
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("device_path", device.map(d -> d.path().toString()).orElse("/dev/dax1.0"));
      body.put(field, value.apply(device));
      return body.entrySet();
    }
  }

  private static String size(Optional<DaxDevice> device) {
    return device.map(d -> sizeText(d.sizeBytes())).orElse("100GiB");
  }

  /** The shortest text that {@link SizeText} reads as that many bytes. */
  static String sizeText(long bytes) {
    long number = bytes;
    int unit = 0;
    while (unit < UNITS.length() && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return number + (unit == 0 ? "" : UNITS.charAt(unit - 1) + "iB");
  }
}
