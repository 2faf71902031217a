package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every pod is as hard as its mode allows; what a mode relaxes is named here and nothing else. */
class ChartSecurityTest {

  static Stream<Path> modes() {
    return Chart.ciFiles().stream();
  }

  @ParameterizedTest
  @MethodSource("modes")
  void everyPod_hasNoTokenNoLinksAndNoHostNamespaces(Path values) {
    for (JsonObject spec : podSpecs(Chart.with(values))) {
      assertThat(bool(spec, "automountServiceAccountToken")).isFalse();
      assertThat(bool(spec, "enableServiceLinks")).isFalse();
      assertThat(spec.has("hostNetwork") || spec.has("hostPID") || spec.has("hostIPC")).isFalse();
      assertThat(text(spec, "securityContext.seccompProfile.type")).isEqualTo("RuntimeDefault");
      assertThat(text(spec, "serviceAccountName")).isNotEqualTo("default");
    }
    for (JsonObject object : Chart.with(values).objects()) {
      if (text(object, "kind").equals("ServiceAccount")) {
        assertThat(bool(object, "automountServiceAccountToken")).isFalse();
      }
      assertThat(text(object, "kind")).doesNotContain("Role");
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void everyContainer_hasAReadOnlyRootAndNoCapabilities(Path values) {
    boolean privileged = values.endsWith("privileged-values.yaml");
    for (JsonObject spec : podSpecs(Chart.with(values))) {
      for (JsonObject container : containers(spec)) {
        JsonObject context = container.getAsJsonObject("securityContext");
        assertThat(bool(context, "readOnlyRootFilesystem")).isTrue();
        if (privileged && text(container, "name").equals("daxtier")) {
          assertThat(bool(context, "privileged")).isTrue();
        } else {
          assertThat(context.has("privileged")).isFalse();
          assertThat(bool(context, "allowPrivilegeEscalation")).isFalse();
          assertThat(strings(context, "capabilities.drop")).containsExactly("ALL");
          assertThat(context.getAsJsonObject("capabilities").has("add")).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void everyContainer_isNotRootUnlessItsModeSaysSo(Path values) {
    boolean root =
        values.endsWith("privileged-values.yaml") || values.endsWith("claim-values.yaml");
    for (JsonObject spec : podSpecs(Chart.with(values))) {
      boolean tier = containers(spec).stream().anyMatch(c -> text(c, "name").equals("daxtier"));
      assertThat(bool(spec, "securityContext.runAsNonRoot")).isEqualTo(!(root && tier));
      assertThat(number(spec, "securityContext.runAsGroup"))
          .as("the group of the Unix socket")
          .isEqualTo(10001);
      for (JsonObject container : containers(spec)) {
        JsonObject context = container.getAsJsonObject("securityContext");
        if (text(container, "name").equals("folders")) {
          assertThat(number(context, "runAsUser")).isZero();
        } else {
          assertThat(context.has("runAsUser")).isFalse();
          assertThat(number(spec, "securityContext.runAsUser")).isEqualTo(root && tier ? 0 : 10001);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modes")
  void hostPaths_areThoseOfTheMode(Path values) {
    List<String> expected =
        switch (values.getFileName().toString()) {
          case "privileged-values.yaml" -> List.of("/dev");
          case "file-hostpath-values.yaml" -> List.of("/var/lib/daxtier", "/run/daxtier");
          case "everything-values.yaml" -> List.of("/run/kv-tier");
          default -> List.of();
        };

    assertThat(podSpecs(Chart.with(values)).stream().flatMap(ChartSecurityTest::hostPaths))
        .containsExactlyElementsOf(expected);
  }

  /** What PodSecurity's {@code restricted} asks for, checked by its own list. */
  @Test
  void fileMode_isRestricted() {
    List<String> volumes = List.of("configMap", "emptyDir", "secret");
    for (JsonObject spec : podSpecs(Chart.ci("file"))) {
      assertThat(bool(spec, "securityContext.runAsNonRoot")).isTrue();
      for (JsonElement volume : spec.getAsJsonArray("volumes")) {
        List<String> keys = new ArrayList<>(volume.getAsJsonObject().keySet());
        keys.remove("name");
        assertThat(volumes).containsAll(keys);
      }
      for (JsonObject container : containers(spec)) {
        JsonObject context = container.getAsJsonObject("securityContext");
        assertThat(context.has("runAsUser")).isFalse();
        assertThat(bool(context, "allowPrivilegeEscalation")).isFalse();
        assertThat(strings(context, "capabilities.drop")).containsExactly("ALL");
      }
    }
  }

  @Test
  void resourceMode_givesGroupsAndRelaxesNothing() {
    JsonObject spec = Chart.ci("resource").podSpec();

    assertThat(spec.getAsJsonObject("securityContext").get("supplementalGroups").toString())
        .isEqualTo("[1500]");
    assertThat(Chart.at(spec, "containers.0.resources.limits").toString())
        .contains("\"squat.ai/dax\":1");
    assertThat(Chart.at(spec, "containers.0.resources.requests").toString())
        .contains("\"squat.ai/dax\":1");
  }

  @Test
  void networkPolicy_hasARuleForEachPort() {
    JsonObject spec =
        Chart.withDefaults().object("NetworkPolicy", "d-daxtier").getAsJsonObject("spec");

    assertThat(strings(spec, "policyTypes")).containsExactly("Ingress", "Egress");
    assertThat(spec.has("egress")).isFalse();
    JsonArray ingress = spec.getAsJsonArray("ingress");
    assertThat(ingress.asList().stream().map(rule -> text(rule, "ports.0.port")))
        .containsExactly("resp", "http", "management");
    assertThat(ingress)
        .allSatisfy(
            rule -> {
              assertThat(rule.getAsJsonObject().getAsJsonArray("from")).isNotEmpty();
              assertThat(rule.getAsJsonObject().getAsJsonArray("ports")).hasSize(1);
            });
  }

  @Test
  void networkPolicy_withNoPeers_letsNobodyIn() {
    JsonObject spec = Chart.ci("everything").object("NetworkPolicy", "kv-tier");

    assertThat(Chart.at(spec, "spec.ingress").getAsJsonArray().asList().stream())
        .extracting(rule -> text(rule, "ports.0.port"))
        .containsExactly("resp", "management");
  }

  @ParameterizedTest
  @MethodSource("modes")
  void secrets_reachThePodAsReferencesOnly(Path values) {
    for (JsonObject object : Chart.with(values).objects()) {
      if (!text(object, "kind").equals("Secret")) {
        assertThat(object.toString()).doesNotContain("a-password", "a-token");
      }
    }
  }

  private static List<JsonObject> podSpecs(Chart chart) {
    List<JsonObject> specs =
        chart.objects().stream()
            .filter(o -> text(o, "kind").matches("DaemonSet|StatefulSet|Pod"))
            .map(
                o ->
                    text(o, "kind").equals("Pod")
                        ? o.getAsJsonObject("spec")
                        : Chart.at(o, "spec.template.spec").getAsJsonObject())
            .toList();
    assertThat(specs).as("the tier and its smoke check").hasSize(2);
    return specs;
  }

  private static List<JsonObject> containers(JsonObject spec) {
    List<JsonObject> containers = new ArrayList<>();
    for (String field : List.of("initContainers", "containers")) {
      if (spec.has(field)) {
        spec.getAsJsonArray(field).forEach(c -> containers.add(c.getAsJsonObject()));
      }
    }
    return containers;
  }

  private static Stream<String> hostPaths(JsonObject spec) {
    return spec.getAsJsonArray("volumes").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(volume -> volume.has("hostPath"))
        .map(volume -> text(volume, "hostPath.path"));
  }

  private static String text(JsonElement element, String path) {
    return Chart.at(element, path).getAsString();
  }

  private static boolean bool(JsonElement element, String path) {
    return Chart.at(element, path).getAsBoolean();
  }

  private static int number(JsonElement element, String path) {
    return Chart.at(element, path).getAsInt();
  }

  private static List<String> strings(JsonElement element, String path) {
    return Chart.at(element, path).getAsJsonArray().asList().stream()
        .map(JsonElement::getAsString)
        .toList();
  }
}
