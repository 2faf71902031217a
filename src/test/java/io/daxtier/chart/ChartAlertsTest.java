package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Alerts and dashboard as documents. Whether the service has the metrics is asked by {@code
 * ChartServiceIT}, when the alerts fire by {@code src/test/promtool}.
 */
class ChartAlertsTest {

  private static final Path RUNBOOK = Path.of("docs", "runbook.md");
  private static final Path RENDERED = Path.of("target", "chart", "alerts.yaml");

  /** JSON is YAML, so what Helm has rendered can be written as it was decoded. */
  @Test
  void rules_areLeftForPromtool() throws IOException {
    Files.createDirectories(Path.of("target", "chart"));
    Files.writeString(RENDERED, Monitoring.rules().toString());

    assertThat(Monitoring.alerts()).hasSizeGreaterThan(7);
  }

  @Test
  void everyAlert_saysWhatHowBadAndWhatToDo() {
    for (JsonObject alert : Monitoring.alerts()) {
      String name = alert.get("alert").getAsString();
      assertThat(name).startsWith("Daxtier");
      assertThat(Chart.at(alert, "labels.severity").getAsString()).isIn("critical", "warning");
      assertThat(Chart.at(alert, "annotations.summary").getAsString()).isNotBlank();
      assertThat(Chart.at(alert, "annotations.description").getAsString())
          .contains("{{ ")
          .doesNotContain("SELECTOR");
      assertThat(Chart.at(alert, "annotations.runbook_url").getAsString())
          .isEqualTo("docs/runbook.md#" + name.toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void runbook_hasExactlyTheSectionsThatAlertsLinkTo() throws IOException {
    Set<String> sections = new TreeSet<>();
    for (MatchResult heading :
        Pattern.compile("(?m)^## (Daxtier\\w+)$")
            .matcher(Files.readString(RUNBOOK))
            .results()
            .toList()) {
      sections.add(heading.group(1));
    }

    assertThat(sections)
        .containsExactlyInAnyOrderElementsOf(
            Monitoring.alerts().stream().map(a -> a.get("alert").getAsString()).toList());
  }

  @Test
  void promtoolTests_coverEveryAlert() throws IOException {
    String tests = Files.readString(Path.of("src/test/promtool/alerts_test.yaml"));

    assertThat(Monitoring.alerts())
        .allSatisfy(
            alert -> {
              String name = alert.get("alert").getAsString();
              assertThat(tests).contains("alertname: " + name + ", exp_alerts: []");
              assertThat(tests).contains("alertname: " + name + "\n        exp_alerts:\n");
            });
  }

  @Test
  void alerts_lookAtTheirReleaseOnly() {
    for (JsonObject alert : Monitoring.alerts()) {
      String expression = alert.get("expr").getAsString();
      assertThat(MetricUse.in(expression)).isNotEmpty();
      assertThat(Pattern.compile("\\b(up|daxtier_\\w+)\\b(?!\\{)").matcher(expression).find())
          .as("a metric without a selector in %s", expression)
          .isFalse();
      assertThat(expression.split("\\{", -1).length)
          .isEqualTo(expression.split("\\{namespace=\"kv\",job=\"d\"", -1).length);
    }
  }

  @Test
  void selector_canBeReplaced() {
    JsonObject rule =
        Chart.withDefaults()
            .set("metrics.prometheusRule.enabled=true")
            .set("metrics.prometheusRule.selector=app=\"x\"")
            .object("PrometheusRule", "d-daxtier");

    assertThat(Chart.at(rule, "spec.groups.0.rules.0.expr").getAsString())
        .isEqualTo("up{app=\"x\"} == 0 or absent(up{app=\"x\"})");
  }

  @Test
  void selectorAndRunbook_canHoldAnyText() {
    String text = "app=~\"a: b #c|d\\.e\"";
    JsonObject rule =
        Chart.withDefaults()
            .set("metrics.prometheusRule.enabled=true")
            .set("metrics.prometheusRule.selector=" + text)
            .set("metrics.prometheusRule.runbookUrl=" + text)
            .object("PrometheusRule", "d-daxtier");

    JsonElement alert = Chart.at(rule, "spec.groups.0.rules.0");
    assertThat(Chart.at(alert, "expr").getAsString())
        .isEqualTo("up{%s} == 0 or absent(up{%s})".formatted(text, text));
    assertThat(Chart.at(alert, "annotations.runbook_url").getAsString())
        .isEqualTo(text + "#daxtierdown");
  }

  @Test
  void dashboard_isOneThatGrafanaReads() {
    JsonObject dashboard = Monitoring.dashboard();
    List<JsonElement> panels = dashboard.getAsJsonArray("panels").asList();

    assertThat(dashboard.get("uid").getAsString()).isEqualTo("daxtier");
    assertThat(panels.stream().map(p -> Chart.at(p, "id").getAsInt())).doesNotHaveDuplicates();
    assertThat(Monitoring.panels()).hasSizeGreaterThan(15);
    for (JsonObject panel : Monitoring.panels()) {
      assertThat(Chart.at(panel, "description").getAsString()).isNotBlank();
      assertThat(Chart.at(panel, "datasource.uid").getAsString()).isEqualTo("${datasource}");
      assertThat(Chart.at(panel, "gridPos.x").getAsInt() + Chart.at(panel, "gridPos.w").getAsInt())
          .isLessThanOrEqualTo(24);
    }
  }

  @Test
  void dashboard_isFoundByTheSidecar() {
    JsonObject labels =
        Chart.at(Chart.ci("everything").object("ConfigMap", "kv-tier-dashboard"), "metadata.labels")
            .getAsJsonObject();

    assertThat(labels.get("grafana_dashboard").getAsString()).isEqualTo("1");
  }
}
