package io.daxtier.chart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.fabric8.certmanager.api.model.v1.Certificate;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.openapi.JSON;
import java.io.Serial;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Decodes an object with the model class of its kind. A field that the kind does not know, one that
 * it must have and lacks, and a value of the wrong type are failures, as at an API server with
 * {@code --validate=strict}.
 */
final class StrictDecoder {

  private static final String KUBERNETES_MODELS = "io.kubernetes.client.openapi.models.";

  /** The group and version that each kind must be asked for by, and the model's class. */
  private static final Map<String, String> KUBERNETES =
      Map.ofEntries(
          Map.entry("ConfigMap", "v1"),
          Map.entry("Secret", "v1"),
          Map.entry("Service", "v1"),
          Map.entry("ServiceAccount", "v1"),
          Map.entry("Pod", "v1"),
          Map.entry("DaemonSet", "apps/v1"),
          Map.entry("StatefulSet", "apps/v1"),
          Map.entry("NetworkPolicy", "networking.k8s.io/v1"),
          Map.entry("PodDisruptionBudget", "policy/v1"));

  /** Kinds of custom resources, whose classes do not know what is required. */
  private static final Map<String, Custom> CUSTOM =
      Map.of(
          "PodMonitor",
          new Custom(
              "monitoring.coreos.com/v1",
              PodMonitor.class,
              "spec.selector",
              "spec.podMetricsEndpoints.0.port"),
          "ServiceMonitor",
          new Custom(
              "monitoring.coreos.com/v1",
              ServiceMonitor.class,
              "spec.selector",
              "spec.endpoints.0.port"),
          "PrometheusRule",
          new Custom(
              "monitoring.coreos.com/v1",
              PrometheusRule.class,
              "spec.groups.0.name",
              "spec.groups.0.rules.0.expr"),
          "Certificate",
          new Custom(
              "cert-manager.io/v1",
              Certificate.class,
              "spec.secretName",
              "spec.issuerRef.name",
              "spec.dnsNames.0"));

  /** The models keep what they do not know in a map; without that map it is a failure. */
  private static final ObjectMapper JACKSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Serial private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              });

  private StrictDecoder() {}

  /** Throws an {@link IllegalArgumentException} that says what is wrong. */
  static void decode(JsonObject object) {
    String kind = Chart.at(object, "kind").getAsString();
    String version = Chart.at(object, "apiVersion").getAsString();
    Custom custom = CUSTOM.get(kind);
    String expected = custom == null ? KUBERNETES.get(kind) : custom.version();
    if (!version.equals(expected)) {
      throw new IllegalArgumentException("no model of " + version + " " + kind);
    }
    if (custom == null) {
      decodeKubernetes(kind, object);
    } else {
      decodeCustom(custom, object);
    }
  }

  private static void decodeKubernetes(String kind, JsonObject object) {
    try {
      Class<?> model = Class.forName(KUBERNETES_MODELS + "V1" + kind);
      model.getMethod("validateJsonElement", JsonElement.class).invoke(null, object);
      Objects.requireNonNull(JSON.getGson().fromJson(object, model));
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no model of " + kind, e);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(kind + " " + Chart.name(object) + ": " + e, e);
    }
  }

  private static void decodeCustom(Custom custom, JsonObject object) {
    try {
      JACKSON.readValue(object.toString(), custom.model());
      for (String required : custom.required()) {
        Chart.at(object, required);
      }
    } catch (JsonProcessingException | RuntimeException e) {
      throw new IllegalArgumentException(Chart.name(object) + ": " + e.getMessage(), e);
    }
  }

  private record Custom(String version, Class<?> model, List<String> required) {
    Custom(String version, Class<?> model, String... required) {
      this(version, model, List.of(required));
    }
  }
}
