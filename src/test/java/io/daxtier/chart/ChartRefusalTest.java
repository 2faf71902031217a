package io.daxtier.chart;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wrong values are refused with a sentence that names them, before anything reaches a cluster. */
class ChartRefusalTest {

  /** The values that a sentence needs before it can be provoked. */
  private static final List<String> DEVICE =
      List.of("dax.device-path=/devices/dax0", "dax.max-dax-size-gb=1");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unknown=1 | additional properties 'unknown' not allowed",
        "image.tags=x | at '/image': additional properties 'tags' not allowed",
        "image.digest=md5:0 | at '/image/digest': 'md5:0' does not match pattern",
        "image.pullPolicy=Sometimes | at '/image/pullPolicy': value must be one of 'Always',"
            + " 'IfNotPresent', 'Never'",
        "kind=Deployment | at '/kind': value must be one of 'DaemonSet', 'StatefulSet'",
        "replicas=-1 | at '/replicas': minimum: got -1, want 0",
        "device.mode=hostPath | at '/device/mode': value must be one of 'resource', 'privileged',"
            + " 'claim', 'file'",
        "device.resources.dax=1 | at '/device/resources': additional properties 'dax' not allowed",
        "device.file.sizeGb=0 | at '/device/file/sizeGb': exclusiveMinimum: got 0, want 0",
        "device.file.hostPath=relative | at '/device/file/hostPath': 'relative' does not match",
        "device.claims[0].name=dax | at '/device/claims/0': 'oneOf' failed, none matched",
        "dax.slot_bytes=1 | at '/dax': additional properties 'slot_bytes' not allowed",
        "dax.slot-bytes=many | at '/dax/slot-bytes': got string, want integer",
        "dax.slot-bytes=0 | at '/dax/slot-bytes': minimum: got 0, want 1",
        "dax.num-load-workers=0 | at '/dax/num-load-workers': minimum: got 0, want 1",
        "dax.eviction.eviction-policy=ARC | at '/dax/eviction/eviction-policy': value must be one"
            + " of 'LRU', 'noop'",
        "dax.eviction.trigger-watermark=2 | at '/dax/eviction/trigger-watermark': maximum: got 2,"
            + " want 1",
        "dax.eviction.eviction-ratio=-1 | at '/dax/eviction/eviction-ratio': minimum: got -1, want"
            + " 0",
        "dax.exists-grace=10 | at '/dax/exists-grace': got number, want string",
        "dax.devices[0].device-path=/dev/dax0.0 | at '/dax/devices/0': missing property"
            + " 'max-dax-size-gb'",
        "dax.resp.password=x | at '/dax/resp': additional properties 'password' not allowed",
        "ports.http=70000 | at '/ports/http': maximum: got 70,000, want 65,535",
        "auth.username.name=x | at '/auth/username': got object, want string",
        "service.type=ExternalName | at '/service/type': value must be one of",
        "image=null | at '': missing property 'image'",
        "metrics=null | at '': missing property 'metrics'",
        "dax=null | at '': missing property 'dax'",
        "device.file.mountPath=null | at '/device/file': missing property 'mountPath'",
        "probes.startup=null | at '/probes': missing property 'startup'",
        "tls.certManager=null | at '/tls': missing property 'certManager'",
        "metrics.podMonitor.every=1s | at '/metrics/podMonitor': additional properties 'every'",
        "tolerations=x | at '/tolerations': got string, want array"
      })
  void schema_refuses(String set, String sentence) {
    refused(sentence, set);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "device.mode=resource | device.resources must name an extended resource",
        "device.resources.squat\\.ai/dax=1 | device.resources is only used in device.mode"
            + " resource, not in file",
        "device.mode=claim | device.claims must name a ResourceClaim",
        "device.mode=privileged | dax.device-path or dax.devices must say which devices to use in"
            + " device.mode privileged",
        "dax.device-path=/devices/x | dax.max-dax-size-gb must say how much",
        "dax.device-path=/dev/dax0.0;dax.max-dax-size-gb=1 | /dev/dax0.0 must lie in"
            + " device.file.mountPath /devices in device.mode file",
        "DEVICE;dax.devices[0].device-path=/devices/x;dax.devices[0].max-dax-size-gb=1 |"
            + " dax.device-path and dax.devices are two forms of the same thing",
        "device.file.hostPath=/x;device.file.emptyDir.medium=Memory | device.file.hostPath and"
            + " device.file.emptyDir exclude each other",
        "fullnameOverride=kv.tier | a Service cannot be called kv.tier: fullnameOverride must be a"
            + " name of a-z, 0-9 and -, with a letter first",
        "fullnameOverride=1st | a Service cannot be called 1st:",
        "nameOverride=dax.tier | a Service cannot be called d-dax.tier:",
        "tls.enabled=true | tls.enabled needs tls.existingSecret or tls.certManager.enabled",
        "tls.certManager.enabled=true | tls.certManager.enabled needs tls.enabled",
        "tls.enabled=true;tls.certManager.enabled=true | tls.certManager.issuerRef.name must name",
        "tls.enabled=true;tls.certManager.enabled=true;tls.existingSecret=x | tls.existingSecret"
            + " and tls.certManager.enabled exclude each other",
        "auth.existingSecret=x | auth.existingSecret excludes auth.username, auth.password and",
        "metrics.podMonitor.enabled=true;metrics.serviceMonitor.enabled=true |"
            + " metrics.podMonitor and metrics.serviceMonitor would scrape every pod twice",
        "terminationGracePeriodSeconds=34 | terminationGracePeriodSeconds must be at least 35:",
        "dax.resp.shutdown-grace=2m | terminationGracePeriodSeconds must be at least 135:",
        "dax.resp.shutdown-grace=89500ms | terminationGracePeriodSeconds must be at least 105:",
        "kind=StatefulSet;unixSocket.enabled=true | unixSocket.enabled needs kind DaemonSet",
        "ports.http=6380 | ports.resp, ports.http and ports.management must differ"
      })
  void contradictions_areRefused(String sets, String sentence) {
    refused(sentence, sets.split(";", -1));
  }

  @ParameterizedTest
  @CsvSource({"1.29.0, claim", "1.31.0, claim"})
  void claims_beforeKubernetes132_areRefused(String kubernetes, String mode) {
    assertThatIllegalStateException()
        .isThrownBy(() -> Chart.ci(mode).at(kubernetes).text())
        .withMessageContaining(
            "device.mode claim needs Kubernetes 1.32 or later, this is v" + kubernetes);
  }

  @ParameterizedTest
  @CsvSource({"1.28.9"})
  void oldKubernetes_isRefused(String kubernetes) {
    assertThatIllegalStateException()
        .isThrownBy(() -> Chart.withDefaults().at(kubernetes).text())
        .withMessageContaining(
            "chart requires kubeVersion: >=1.29.0-0 which is incompatible with Kubernetes v1.28.9");
  }

  private static void refused(String sentence, String... sets) {
    Chart chart = Chart.withDefaults();
    for (String set : sets) {
      for (String assignment : set.equals("DEVICE") ? DEVICE : Arrays.asList(set)) {
        chart.set(assignment);
      }
    }
    assertThatIllegalStateException().isThrownBy(chart::text).withMessageContaining(sentence);
  }
}
