package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the objects say: configuration, names, addresses, probes. */
class ChartContentTest {

  private static final String DIGEST =
      "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @Test
  void configuration_byDefault_isOneFileOnAllAddresses() {
    JsonObject configuration = Chart.withDefaults().configuration();

    assertThat(text(configuration, "server.address")).isEqualTo("0.0.0.0");
    assertThat(text(configuration, "server.port")).isEqualTo("9000");
    assertThat(text(configuration, "management.server.address")).isEqualTo("0.0.0.0");
    assertThat(text(configuration, "management.server.port")).isEqualTo("9001");
    assertThat(Chart.at(configuration, "dax"))
        .isEqualTo(
            Chart.parse(
                """
                devices: [{device-path: /devices/dax0, max-dax-size-gb: 1}]
                slot-bytes: 33554432
                hotplug-enabled: false
                eviction: {eviction-policy: LRU, trigger-watermark: 0.8, eviction-ratio: 0.2}
                resp: {host: 0.0.0.0, port: 6380}
                """));
  }

  @Test
  void configuration_keepsLargeNumbersWhole() {
    String yaml =
        Chart.ci("resource")
            .object("ConfigMap", "d-daxtier-config")
            .getAsJsonObject("data")
            .get("application.yaml")
            .getAsString();

    assertThat(yaml).contains("slot-bytes: 268435456\n").contains("max-dax-size-gb: 128\n");
  }

  @Test
  void configuration_withoutAnEvictionBlock_hasNone() {
    assertThat(
            Chart.with(Path.of("src/test/resources/chart/no-eviction.yaml"))
                .configuration()
                .getAsJsonObject("dax")
                .has("eviction"))
        .isFalse();
  }

  @Test
  void configuration_withAnEmptyDeviceList_keepsItEmpty() {
    assertThat(Chart.at(Chart.ci("privileged").configuration(), "dax.devices").toString())
        .isEqualTo("[]");
  }

  @Test
  void configuration_withTls_securesHttpOnly() {
    JsonObject configuration = Chart.ci("everything").configuration();

    assertThat(text(configuration, "server.ssl.bundle")).isEqualTo("http");
    assertThat(text(configuration, "management.server.ssl.enabled")).isEqualTo("false");
    assertThat(text(configuration, "spring.ssl.bundle.pem.http.keystore.certificate"))
        .isEqualTo("file:/etc/daxtier/tls/tls.crt");
    assertThat(text(configuration, "logging.level.io\\.daxtier")).isEqualTo("debug");
    assertThat(text(configuration, "dax.resp.unix-socket")).isEqualTo("/run/kv-tier/daxtier.sock");
  }

  @Test
  void labels_ofOddNames_areLabels() {
    JsonObject labels =
        Chart.at(
                Chart.with(Path.of("src/test/resources/chart/odd-names.yaml"))
                    .object("DaemonSet", "d-123"),
                "metadata.labels")
            .getAsJsonObject();

    assertThat(labels.getAsJsonPrimitive("app.kubernetes.io/name").isString()).isTrue();
    assertThat(labels.get("app.kubernetes.io/version").getAsString()).isEqualTo("v".repeat(62));
  }

  @Test
  void pod_withDefaultsTakenBack_hasNone() {
    JsonObject pod =
        Chart.withDefaults()
            .set("podSecurityContext=null")
            .set("securityContext=null")
            .set("resources=null")
            .podSpec();

    assertThat(pod.getAsJsonObject("securityContext").isEmpty()).isTrue();
    assertThat(Chart.at(pod, "containers.0.securityContext").getAsJsonObject().isEmpty()).isTrue();
    assertThat(Chart.at(pod, "containers.0.resources").getAsJsonObject().isEmpty()).isTrue();
  }

  @Test
  void checksum_followsTheConfigurationOnly() {
    String before = checksum(Chart.withDefaults());

    assertThat(checksum(Chart.withDefaults().set("podLabels.a=b"))).isEqualTo(before);
    assertThat(checksum(Chart.withDefaults().set("dax.slot-bytes=4096"))).isNotEqualTo(before);
    assertThat(checksum(Chart.withDefaults().set("extraConfig.a=b"))).isNotEqualTo(before);
  }

  @Test
  void daemonSet_isReachedByItsOwnNodeOnly() {
    Chart chart = Chart.withDefaults();

    JsonObject service = chart.object("Service", "d-daxtier").getAsJsonObject("spec");
    assertThat(text(service, "internalTrafficPolicy")).isEqualTo("Local");
    assertThat(service.has("sessionAffinity")).isFalse();
    assertThat(service.getAsJsonObject("selector"))
        .isEqualTo(Chart.at(chart.object("DaemonSet", "d-daxtier"), "spec.selector.matchLabels"));
    assertThat(chart.has("PodDisruptionBudget")).isFalse();
  }

  @Test
  void statefulSet_hasHeadlessServiceBudgetAndSpread() {
    Chart chart = Chart.ci("statefulset");

    JsonObject workload = chart.object("StatefulSet", "d-daxtier").getAsJsonObject("spec");
    assertThat(text(workload, "serviceName")).isEqualTo("d-daxtier-headless");
    assertThat(text(workload, "replicas")).isEqualTo("2");
    assertThat(text(workload, "template.spec.topologySpreadConstraints.0.topologyKey"))
        .isEqualTo("kubernetes.io/hostname");
    assertThat(
            Chart.at(
                workload, "template.spec.topologySpreadConstraints.0.labelSelector.matchLabels"))
        .isEqualTo(Chart.at(workload, "selector.matchLabels"));
    assertThat(text(chart.object("Service", "d-daxtier-headless"), "spec.clusterIP"))
        .isEqualTo("None");
    assertThat(text(chart.object("Service", "d-daxtier"), "spec.internalTrafficPolicy"))
        .isEqualTo("Cluster");
    assertThat(text(chart.object("PodDisruptionBudget", "d-daxtier"), "spec.maxUnavailable"))
        .isEqualTo("1");
  }

  @Test
  void smokeCheck_isNotBehindTheService() {
    JsonObject labels =
        Chart.at(Chart.withDefaults().object("Pod", "d-daxtier-smoke-check"), "metadata.labels")
            .getAsJsonObject();

    assertThat(labels.get("app.kubernetes.io/component").getAsString()).isEqualTo("smoke-check");
  }

  @Test
  void smokeCheck_withTls_trustsTheServersCertificate() {
    JsonObject pod = Chart.ci("everything").object("Pod", "kv-tier-smoke-check");

    assertThat(strings(pod, "spec.containers.0.args"))
        .containsExactly(
            "smoke-check",
            "--resp=kv-tier.kv.svc.cluster.local:6380",
            "--http=https://kv-tier.kv.svc.cluster.local:9000",
            "--management=http://kv-tier.kv.svc.cluster.local:9001",
            "--trust=/etc/daxtier/tls/tls.crt");
    assertThat(Chart.at(pod, "spec.volumes.1.secret.items").toString()).doesNotContain("tls.key");
  }

  @Test
  void connection_andNotes_nameTheSameAdapters() {
    Chart chart = Chart.ci("statefulset");
    JsonObject connection =
        chart.object("ConfigMap", "d-daxtier-connection").getAsJsonObject("data");

    for (String ordinal : List.of("0", "1")) {
      String host = "d-daxtier-" + ordinal + ".d-daxtier-headless.kv.svc.cluster.local";
      String adapter = connection.get("l2-adapter-" + ordinal + ".json").getAsString().strip();
      assertThat(connection.get("host-" + ordinal).getAsString()).isEqualTo(host);
      assertThat(JsonParser.parseString(adapter))
          .isEqualTo(
              JsonParser.parseString(
                  "{\"type\":\"resp\",\"host\":\"" + host + "\",\"port\":6380}"));
      assertThat(chart.notes()).contains("--l2-adapter '" + adapter + "'");
    }
    assertThat(connection.has("host-2")).isFalse();
  }

  @Test
  void connection_ofADaemonSet_isTheService() {
    Chart chart = Chart.ci("file-hostpath");
    JsonObject connection =
        chart.object("ConfigMap", "d-daxtier-connection").getAsJsonObject("data");

    assertThat(connection.get("host").getAsString()).isEqualTo("d-daxtier.kv.svc.cluster.local");
    assertThat(connection.get("port").getAsString()).isEqualTo("6380");
    assertThat(connection.get("unix-socket").getAsString()).isEqualTo("/run/daxtier/daxtier.sock");
    assertThat(chart.notes())
        .contains(connection.get("l2-adapter.json").getAsString().strip())
        .contains("/run/daxtier/daxtier.sock");
  }

  @Test
  void notes_ofTheResourceMode_showThePluginsConfiguration() {
    assertThat(Chart.ci("resource").notes())
        .contains(
            "--device '{\"name\": \"dax\", \"groups\": [{\"paths\": [{\"path\": \"/dev/dax0.0\"},"
                + " {\"path\": \"/dev/dax1.0\"}]}]}'")
        .contains("squat.ai/dax: 1");
  }

  @Test
  void preStop_pausesWhereKubernetesCan() {
    assertThat(preStop("1.29.0")).isFalse();
    assertThat(preStop("1.30.0")).isTrue();
    assertThat(text(Chart.withDefaults().podSpec(), "containers.0.lifecycle.preStop.sleep.seconds"))
        .isEqualTo("5");
    assertThat(Chart.withDefaults().at("1.29.0").notes()).contains("preStopSeconds has no effect");
  }

  @Test
  void probes_askTheGroupsOfTheManagementPort() {
    JsonElement container = Chart.at(Chart.withDefaults().podSpec(), "containers.0");

    assertThat(text(container, "startupProbe.httpGet.path")).isEqualTo("/actuator/health/liveness");
    assertThat(text(container, "livenessProbe.httpGet.path"))
        .isEqualTo("/actuator/health/liveness");
    assertThat(text(container, "readinessProbe.httpGet.path"))
        .isEqualTo("/actuator/health/readiness");
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(text(container, probe + ".httpGet.port")).isEqualTo("management");
    }
  }

  @Test
  void fileMode_makesTheDeviceFilesFirst() {
    assertThat(strings(Chart.ci("file").podSpec(), "initContainers.0.args"))
        .containsExactly(
            "create-device-file", "/devices/dax0=0.0625GiB", "/devices/dax1=0.0625GiB");
    assertThat(Chart.withDefaults().set("device.file.create=false").podSpec().has("initContainers"))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "image.tag=v2, localhost/daxtier:v2",
    "image.repository=r.example.com/d, r.example.com/d:0.1.0",
    "image.digest=" + DIGEST + ", localhost/daxtier@" + DIGEST
  })
  void image_isTagOrDigest(String set, String image) {
    assertThat(text(Chart.withDefaults().set(set).podSpec(), "containers.0.image"))
        .isEqualTo(image);
  }

  @Test
  void secret_holdsLmcachesKeys() {
    JsonObject data =
        Chart.ci("statefulset-monitoring").object("Secret", "d-daxtier").getAsJsonObject("data");

    assertThat(data.keySet()).containsExactlyInAnyOrder("username", "password", "admin-token");
    assertThat(decoded(data, "username")).isEqualTo("lmcache");
    assertThat(decoded(data, "password")).isEqualTo("a-password");
    assertThat(decoded(data, "admin-token")).isEqualTo("a-token");
    assertThat(Chart.ci("everything").has("Secret")).isFalse();
  }

  @Test
  void resources_doNotCountTheDevices() {
    assertThat(text(Chart.ci("resource").podSpec(), "containers.0.resources.limits.memory"))
        .isEqualTo("1Gi");
  }

  private static boolean preStop(String kubernetes) {
    return Chart.at(Chart.withDefaults().at(kubernetes).podSpec(), "containers.0")
        .getAsJsonObject()
        .has("lifecycle");
  }

  private static String checksum(Chart chart) {
    JsonObject annotations =
        Chart.at(chart.object("DaemonSet", "d-daxtier"), "spec.template.metadata.annotations")
            .getAsJsonObject();
    return annotations.get("checksum/config").getAsString();
  }

  private static String decoded(JsonObject data, String key) {
    return new String(
        Base64.getDecoder().decode(data.get(key).getAsString()), StandardCharsets.UTF_8);
  }

  private static String text(JsonElement element, String path) {
    return Chart.at(element, path).getAsString();
  }

  private static List<String> strings(JsonElement element, String path) {
    return Chart.at(element, path).getAsJsonArray().asList().stream()
        .map(JsonElement::getAsString)
        .toList();
  }
}
