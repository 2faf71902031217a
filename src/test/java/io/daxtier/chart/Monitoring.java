package io.daxtier.chart;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The alerts and the dashboard as the chart renders them. */
final class Monitoring {

  private Monitoring() {}

  /** The spec of the {@code PrometheusRule}: a rule file of Prometheus. */
  static JsonObject rules() {
    return chart().object("PrometheusRule", "d-daxtier").getAsJsonObject("spec");
  }

  static List<JsonObject> alerts() {
    JsonArray rules = Chart.at(rules(), "groups.0.rules").getAsJsonArray();
    return rules.asList().stream().map(JsonElement::getAsJsonObject).toList();
  }

  static JsonObject dashboard() {
    String json =
        chart()
            .object("ConfigMap", "d-daxtier-dashboard")
            .getAsJsonObject("data")
            .get("d-daxtier.json")
            .getAsString();
    return JsonParser.parseString(json).getAsJsonObject();
  }

  static List<JsonObject> panels() {
    return dashboard().getAsJsonArray("panels").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(panel -> !panel.get("type").getAsString().equals("row"))
        .toList();
  }

  /** Every expression, by where it stands. */
  static Map<String, String> expressions() {
    Map<String, String> expressions = new TreeMap<>();
    for (JsonObject alert : alerts()) {
      expressions.put(alert.get("alert").getAsString(), alert.get("expr").getAsString());
    }
    for (JsonObject panel : panels()) {
      List<JsonElement> targets = new ArrayList<>(panel.getAsJsonArray("targets").asList());
      for (JsonElement target : targets) {
        expressions.put(
            panel.get("title").getAsString() + " " + Chart.at(target, "refId").getAsString(),
            Chart.at(target, "expr").getAsString());
      }
    }
    return expressions;
  }

  private static Chart chart() {
    return Chart.withDefaults()
        .set("metrics.prometheusRule.enabled=true")
        .set("metrics.dashboard.enabled=true");
  }
}
