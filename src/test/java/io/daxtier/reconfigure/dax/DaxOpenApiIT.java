package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.swagger.v3.oas.models.OpenAPI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springdoc.core.service.OpenAPIService;
import tools.jackson.databind.JsonNode;

class DaxOpenApiIT {

  @TempDir Path folder;

  @Test
  void examples_workAsTheyStand() {
    try (DaxRig rig = new DaxRig(folder)) {
      assertThat(rig.http.get("/v3/api-docs").text()).contains("/dev/dax1.0");
      Path device = rig.device(4);
      rig.put("k");
      JsonNode paths = rig.http.get("/v3/api-docs").json().get("paths");

      for (String operation : List.of("add", "resize", "remove")) {
        JsonNode body =
            paths
                .get("/reconfigure/dax/" + operation)
                .at("/post/requestBody/content")
                .get("application/json");
        JsonNode example = body.get("example");
        assertThat(example.get("device_path").asString()).isEqualTo(device.toString());
        assertThat(body.at("/schema/properties").propertyNames())
            .as("the schema knows the fields of the example")
            .containsAll(example.propertyNames());

        Reply reply = rig.http.post("/reconfigure/dax/" + operation, example.toString());

        assertThat(reply.status()).as(operation + " " + reply.text()).isEqualTo(200);
      }
      assertThat(rig.state(device)).isEqualTo("draining");
      assertThat(rig.has("k")).isTrue();
    }
  }

  @Test
  void document_describesEveryRoute() {
    try (DaxRig rig = new DaxRig(folder)) {
      JsonNode document = rig.http.get("/v3/api-docs").json();

      assertThat(document.get("paths").propertyNames())
          .contains(
              "/reconfigure/backends",
              "/reconfigure/{backend}/status",
              "/reconfigure/{backend}/{operation}",
              "/reconfigure/l2/{backend}/{operation}",
              "/reconfigure/{backend}/l2/{operation}",
              "/reconfigure/dax/status",
              "/reconfigure/dax/add",
              "/reconfigure/dax/remove",
              "/reconfigure/dax/resize");
      JsonNode remove = document.get("paths").get("/reconfigure/dax/remove").get("post");
      JsonNode schema = remove.at("/requestBody/content").get("application/json").get("schema");
      assertThat(schema.at("/properties/mode/enum").toString())
          .isEqualTo("[\"migrate\",\"evict\",\"drain\"]");
      assertThat(schema.at("/properties/force/type").asString()).isEqualTo("boolean");
      assertThat(schema.get("additionalProperties").asBoolean()).isFalse();
      assertThat(remove.get("responses").propertyNames())
          .contains("200", "400", "401", "403", "404", "409", "415", "422", "507");
      assertThat(
              document
                  .at("/paths/~1reconfigure~1dax~1add/post/requestBody/content")
                  .get("application/json")
                  .at("/example/size")
                  .asString())
          .as("with no device yet")
          .isEqualTo("100GiB");
      assertThat(rig.http.get("/swagger-ui/index.html").status()).isEqualTo(404);
    }
  }

  /** Making it takes far longer than writing it, and anyone may ask for it. */
  @Test
  void document_isMadeOnceForAllCallers() {
    try (DaxRig rig = new DaxRig(folder)) {
      OpenAPIService documents = rig.context().getBean(OpenAPIService.class);
      Reply first = rig.http.send("GET", "/v3/api-docs");
      OpenAPI made = documents.getCachedOpenAPI(Locale.ENGLISH);

      Reply second = rig.http.send("GET", "/v3/api-docs", "Accept-Language", "de");

      assertThat(made).isNotNull();
      assertThat(documents.getCachedOpenAPI(Locale.ENGLISH)).isSameAs(made);
      assertThat(documents.getCachedOpenAPI(Locale.GERMAN)).isNull();
      assertThat(second.text()).isEqualTo(first.text());
      assertThat(first.json().at("/servers/0/url").asString()).isEqualTo("/");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 1024, 1536, 65536, 1L << 30, 3L << 29, 5L << 40, 1L << 50})
  void sizeText_isReadBack(long bytes) {
    assertThat(SizeText.bytes(DaxOpenApi.sizeText(bytes))).hasValue(bytes);
  }
}
