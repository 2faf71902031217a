package io.daxtier.chart;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The chart and a set of values for it, rendered by Helm as release {@code d} in {@code kv}. */
final class Chart {

  static final Path FOLDER = Path.of("helm", "daxtier");
  static final String RELEASE = "d";
  static final String NAMESPACE = "kv";
  static final List<String> KUBERNETES_VERSIONS = List.of("1.29.0", "1.32.0", "1.34.0");
  static final String NEWEST = "1.34.0";

  private static final Path CREDENTIALS = Path.of("src/test/resources/chart/credentials.yaml");
  private static final Gson GSON = new Gson();

  /** A copy in which the smoke check is no hook, since helm-java prints no hooks. */
  private static final Path WITHOUT_HOOKS = withoutHooks();

  private final @Nullable Path valuesFile;
  private final List<String> sets = new ArrayList<>();
  private String kubernetes = NEWEST;

  private Chart(@Nullable Path valuesFile) {
    this.valuesFile = valuesFile;
  }

  static Chart withDefaults() {
    return new Chart(null);
  }

  static Chart with(Path valuesFile) {
    return new Chart(valuesFile);
  }

  static Chart ci(String mode) {
    return with(FOLDER.resolve("ci").resolve(mode + "-values.yaml"));
  }

  /** All files of {@code ci/}. */
  static List<Path> ciFiles() {
    try (Stream<Path> files = Files.list(FOLDER.resolve("ci"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }

  /** Sets one value as {@code helm --set} does: {@code a.b=1}. */
  Chart set(String assignment) {
    sets.add(assignment);
    return this;
  }

  Chart at(String kubernetesVersion) {
    kubernetes = kubernetesVersion;
    return this;
  }

  /**
   * What Helm prints; a refusal is an {@link IllegalStateException} with Helm's words. A password
   * and a token are given, because the chart would else ask the cluster for those it has made.
   */
  String text() {
    TemplateCommand command =
        new Helm(WITHOUT_HOOKS)
            .template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(kubernetes)
            .withValuesFile(CREDENTIALS);
    if (valuesFile != null) {
      command.withValuesFile(valuesFile);
    }
    for (String assignment : sets) {
      String[] pair = assignment.split("=", 2);
      command.set(pair[0], pair[1]);
    }
    return command.call();
  }

  String notes() {
    InstallCommand command =
        new Helm(FOLDER)
            .install()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(kubernetes)
            .clientOnly()
            .withDryRunOption(DryRun.CLIENT);
    if (valuesFile != null) {
      command.withValuesFile(valuesFile);
    }
    for (String assignment : sets) {
      String[] pair = assignment.split("=", 2);
      command.set(pair[0], pair[1]);
    }
    String output = command.call().getOutput();
    return output.substring(output.indexOf("NOTES:"));
  }

  List<JsonObject> objects() {
    return parseAll(text()).stream().map(JsonElement::getAsJsonObject).toList();
  }

  /** The only object of a kind whose name ends so. */
  JsonObject object(String kind, String name) {
    List<JsonObject> found =
        objects().stream()
            .filter(o -> kind.equals(o.get("kind").getAsString()) && name.equals(name(o)))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects " + kind + "/" + name);
    }
    return found.getFirst();
  }

  boolean has(String kind) {
    return objects().stream().anyMatch(o -> kind.equals(o.get("kind").getAsString()));
  }

  /** The {@code application.yaml} that the service will read. */
  JsonObject configuration() {
    String name =
        objects().stream()
            .map(Chart::name)
            .filter(n -> n.endsWith("-config"))
            .findFirst()
            .orElseThrow();
    String yaml =
        object("ConfigMap", name).getAsJsonObject("data").get("application.yaml").getAsString();
    return parse(yaml).getAsJsonObject();
  }

  /** The spec of the pods of the tier. */
  JsonObject podSpec() {
    JsonObject workload =
        objects().stream()
            .filter(o -> o.get("kind").getAsString().matches("DaemonSet|StatefulSet"))
            .findFirst()
            .orElseThrow();
    return at(workload, "spec.template.spec").getAsJsonObject();
  }

  static String name(JsonObject object) {
    return at(object, "metadata.name").getAsString();
  }

  /**
   * The element at a path of names and list indices, such as {@code spec.containers.0.name}; a dot
   * within a name is written {@code \.}.
   */
  static JsonElement at(JsonElement element, String path) {
    JsonElement at = element;
    for (String step : path.split("(?<!\\\\)\\.", -1)) {
      at =
          at.isJsonArray()
              ? at.getAsJsonArray().get(Integer.parseInt(step))
              : at.getAsJsonObject().get(step.replace("\\.", "."));
      Objects.requireNonNull(at, () -> "no " + step + " of " + path + " in " + element);
    }
    return at;
  }

  static JsonElement parse(String yaml) {
    return GSON.toJsonTree(yaml().<Object>load(yaml));
  }

  private static Path withoutHooks() {
    Path copy = Path.of("target", "chart", "without-hooks");
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(FOLDER.relativize(file));
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.writeString(
            target, Files.readString(file).replace("helm.sh/hook: test", "was-a-hook: test"));
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonElement> parseAll(String yaml) {
    List<JsonElement> documents = new ArrayList<>();
    for (Object document : yaml().loadAll(yaml)) {
      if (document != null) {
        documents.add(GSON.toJsonTree(document));
      }
    }
    return documents;
  }

  private static Yaml yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return new Yaml(new SafeConstructor(options));
  }
}
