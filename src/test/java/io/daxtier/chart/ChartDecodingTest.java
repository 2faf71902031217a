package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every object of every mode is one that an API server would take. */
class ChartDecodingTest {

  @Test
  void lint_strict_findsNothing() {
    assertThat(Chart.lint().isFailed()).as("%s", Chart.lint().getMessages()).isFalse();
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("modes")
  void objects_ofEveryMode_areDecodedStrictly(Path values, String kubernetes) {
    List<JsonObject> objects = Chart.with(values).at(kubernetes).objects();

    assertThat(objects).hasSizeGreaterThan(6).allSatisfy(StrictDecoder::decode);
    assertThat(objects)
        .allSatisfy(
            object -> {
              assertThat(Chart.at(object, "metadata.name").getAsString()).hasSizeLessThan(64);
              assertThat(object.toString()).doesNotContain("<no value>", "%!");
            });
    assertThat(objects.stream().map(o -> o.get("kind") + Chart.name(o))).doesNotHaveDuplicates();
  }

  static Stream<Arguments> modes() {
    return Chart.ciFiles().stream()
        .flatMap(
            file ->
                Chart.KUBERNETES_VERSIONS.stream()
                    .filter(version -> !(claims(file) && version.equals("1.29.0")))
                    .map(version -> Arguments.of(file, version)));
  }

  @Test
  void ci_hasEveryMode() {
    assertThat(Chart.ciFiles().stream().map(f -> f.getFileName().toString()))
        .contains(
            "file-values.yaml",
            "resource-values.yaml",
            "privileged-values.yaml",
            "claim-values.yaml");
  }

  @Test
  void longNames_areCut() {
    List<JsonObject> objects =
        Chart.ci("everything").set("fullnameOverride=" + "x".repeat(80)).objects();

    assertThat(objects).allSatisfy(object -> assertThat(Chart.name(object)).hasSizeLessThan(64));
  }

  /** The judge itself: what it must refuse. */
  @ParameterizedTest
  @CsvSource({
    "DaemonSet, spec.template.spec.containers.0, imagePullPolice, true",
    "DaemonSet, spec.template.spec.containers.0, name, false",
    "DaemonSet, spec.template.spec.containers.0.ports.0, containerPort, false",
    "DaemonSet, spec.template.spec.containers.0.securityContext, readonlyRootFilesystem, true",
    "DaemonSet, spec.template.spec.volumes.0.configMap, names, true",
    "DaemonSet, spec.template, metadat, true",
    "DaemonSet, spec, selector, false",
    "NetworkPolicy, spec.ingress.0, form, true",
    "PodMonitor, spec, podMetricEndpoints, true",
    "PodMonitor, spec.podMetricsEndpoints.0, intervall, true",
    "PodMonitor, spec, selector, false",
    "PrometheusRule, spec.groups.0.rules.0, four, true",
    "PrometheusRule, spec.groups.0.rules.0, expr, false",
    "Certificate, spec, dnsName, true",
    "Certificate, spec, secretName, false"
  })
  void decode_ofABrokenObject_fails(String kind, String path, String field, boolean added) {
    JsonObject object =
        Chart.ci("everything").objects().stream()
            .filter(o -> o.get("kind").getAsString().equals(kind))
            .findFirst()
            .orElseThrow();
    StrictDecoder.decode(object);
    JsonObject broken = Chart.at(object, path).getAsJsonObject();
    if (added) {
      broken.add(field, new JsonPrimitive("x"));
    } else {
      broken.remove(field);
    }

    assertThatIllegalArgumentException()
        .isThrownBy(() -> StrictDecoder.decode(object))
        .withMessageContaining(field);
  }

  @Test
  void decode_ofAValueOfTheWrongType_fails() {
    JsonObject object = Chart.withDefaults().object("DaemonSet", "d-daxtier");
    Chart.at(object, "spec.template.spec.containers.0.ports.0")
        .getAsJsonObject()
        .addProperty("containerPort", "resp");

    assertThatIllegalArgumentException().isThrownBy(() -> StrictDecoder.decode(object));
  }

  private static boolean claims(Path file) {
    return file.endsWith("claim-values.yaml");
  }
}
