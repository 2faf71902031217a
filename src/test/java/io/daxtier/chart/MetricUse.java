package io.daxtier.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One metric in a PromQL expression, with what the expression demands of its labels.
 *
 * @param name as Prometheus knows it
 * @param labels matchers, from label to the values that must exist; no values where any will do
 */
record MetricUse(String name, Map<String, Set<String>> labels) {

  private static final Pattern SELECTOR =
      Pattern.compile("(?<name>[a-z_:][a-z0-9_:]*)\\{(?<matchers>[^}]*)}");
  private static final Pattern MATCHER =
      Pattern.compile("(?<label>[a-z_]+)(?<operator>=~|=)\"(?<value>[^\"]*)\"");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|on|without|ignoring)\\s*\\((?<labels>[^)]*)\\)");

  /** Labels that Prometheus adds to every sample of a target. */
  private static final Set<String> OF_THE_TARGET = Set.of("namespace", "job", "pod");

  /** The metrics of an expression. Every one of ours has braces, so that none is overlooked. */
  static List<MetricUse> in(String expression) {
    List<MetricUse> uses = new ArrayList<>();
    Matcher selectors = SELECTOR.matcher(expression);
    while (selectors.find()) {
      Map<String, Set<String>> labels = new TreeMap<>();
      for (MatchResult matcher : MATCHER.matcher(selectors.group("matchers")).results().toList()) {
        if (!OF_THE_TARGET.contains(matcher.group("label"))) {
          labels.put(
              matcher.group("label"),
              new TreeSet<>(List.of(matcher.group("value").split("\\|", -1))));
        }
      }
      uses.add(new MetricUse(selectors.group("name"), labels));
    }
    return uses;
  }

  /** The labels that an expression groups or joins by, without those of the target. */
  static Set<String> groupedBy(String expression) {
    Set<String> labels = new TreeSet<>();
    for (MatchResult grouping : GROUPING.matcher(expression).results().toList()) {
      labels.addAll(List.of(grouping.group("labels").strip().split("\\s*,\\s*", -1)));
    }
    labels.removeAll(OF_THE_TARGET);
    labels.remove("le");
    return labels;
  }
}
