package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.config.DaxProperties.Device;
import io.daxtier.config.DaxProperties.Eviction;
import java.util.List;
import org.junit.jupiter.api.Test;

class TierBinderTest {

  private static final String ONE =
      """
      {"type":"dax","device_path":"/dev/dax1.0","max_dax_size_gb":100,"slot_bytes":268435456,
       "num_store_workers":2,"num_lookup_workers":3,"num_load_workers":4,"hotplug_enabled":true,
       "persist_enabled":true,
       "eviction":{"eviction_policy":"LRU","trigger_watermark":0.7,"eviction_ratio":0.1}}\
      """;

  private static final String ONE_YAML =
      """
      dax:
        device_path: /dev/dax1.0
        max_dax_size_gb: 100
        slot_bytes: 268435456
        num_store_workers: 2
        num_lookup_workers: 3
        num_load_workers: 4
        hotplug_enabled: true
        persist_enabled: true
        eviction: {eviction_policy: LRU, trigger_watermark: 0.7, eviction_ratio: 0.1}
      """;

  private static final String TWO =
      """
      {"type":"dax","slot_bytes":1048576,"devices":[
       {"device_path":"/dev/dax0.0","max_dax_size_gb":0.5},
       {"device_path":" /dev/dax1.0 ","max_dax_size_gb":2}]}\
      """;

  @Test
  void bind_singleForm_allWaysAreTheSame() {
    DaxProperties expected = Tiers.given().arguments("--l2-adapter", ONE).bind().properties();

    assertThat(expected.startDevices()).containsExactly(new Device("/dev/dax1.0", 100));
    assertThat(expected.eviction()).isEqualTo(new Eviction("LRU", 0.7, 0.1));
    assertThat(properties(Tiers.given().arguments("--l2-adapter=" + ONE))).isEqualTo(expected);
    assertThat(properties(Tiers.given().variable("L2_ADAPTER_JSON", ONE))).isEqualTo(expected);
    assertThat(properties(Tiers.given().yaml(ONE_YAML))).isEqualTo(expected);
    assertThat(properties(Tiers.given().yaml(ONE_YAML.replace('_', '-')))).isEqualTo(expected);
    assertThat(
            properties(
                Tiers.given()
                    .variable("DAX_DEVICE_PATH", "/dev/dax1.0")
                    .variable("DAX_MAXDAXSIZEGB", "100")
                    .variable("DAX_SLOT_BYTES", "268435456")
                    .variable("DAX_NUMSTOREWORKERS", "2")
                    .variable("DAX_NUM_LOOKUP_WORKERS", "3")
                    .arguments(
                        "--dax.num-load-workers=4",
                        "--dax.hotplug_enabled=true",
                        "--dax.persistEnabled=true",
                        "--dax.eviction.eviction_policy=LRU",
                        "--dax.eviction.trigger-watermark=0.7",
                        "--dax.eviction.eviction-ratio=0.1")))
        .isEqualTo(expected);
  }

  @Test
  void bind_multiForm_allWaysAreTheSame() {
    DaxProperties expected = Tiers.given().arguments("--l2-adapter", TWO).bind().properties();

    assertThat(expected.startDevices())
        .containsExactly(new Device("/dev/dax0.0", 0.5), new Device("/dev/dax1.0", 2));
    assertThat(properties(Tiers.given().variable("L2_ADAPTER_JSON", TWO))).isEqualTo(expected);
    assertThat(
            properties(
                Tiers.given()
                    .yaml(
                        """
                        dax:
                          slot-bytes: 1048576
                          devices:
                          - {device-path: /dev/dax0.0, max-dax-size-gb: 0.5}
                          - {device_path: /dev/dax1.0, max_dax_size_gb: 2}
                        """)))
        .isEqualTo(expected);
    assertThat(
            properties(
                Tiers.given()
                    .variable("DAX_SLOTBYTES", "1048576")
                    .variable("DAX_DEVICES_0_DEVICEPATH", "/dev/dax0.0")
                    .variable("DAX_DEVICES_0_MAXDAXSIZEGB", "0.5")
                    .variable("DAX_DEVICES_1_DEVICE_PATH", "/dev/dax1.0")
                    .variable("DAX_DEVICES_1_MAX_DAX_SIZE_GB", "2")))
        .isEqualTo(expected);
    assertThat(
            properties(
                Tiers.given()
                    .arguments(
                        "--dax.slot-bytes=1048576",
                        "--dax.devices[0].device-path=/dev/dax0.0",
                        "--dax.devices[0].max_dax_size_gb=0.5",
                        "--dax.devices[1].device_path=/dev/dax1.0",
                        "--dax.devices[1].max-dax-size-gb=2")))
        .isEqualTo(expected);
  }

  @Test
  void bind_adapter_isAWholeOne() {
    Tier tier =
        Tiers.given()
            .variable("L2_ADAPTER_JSON", ONE)
            .arguments("--l2-adapter", TWO)
            .yaml(
                """
                dax:
                  device-path: /dev/dax9.0
                  hotplug-enabled: true
                  num-load-workers: 9
                  devices: [{device-path: /dev/dax8.0, max-dax-size-gb: 1}, {}, {}]
                  eviction: {eviction-policy: noop}
                  exists-grace: 3s
                  resp: {port: 1}
                """)
            .bind();

    assertThat(tier.properties().startDevices()).hasSize(2);
    assertThat(tier.properties().devicePath()).isNull();
    assertThat(tier.properties().hotplugEnabled()).isFalse();
    assertThat(tier.properties().eviction()).isNull();
    assertThat(tier.properties().loadWorkers()).isLessThanOrEqualTo(4);
    assertThat(tier.properties().existsGrace()).hasSeconds(3);
    assertThat(tier.properties().resp().port()).isEqualTo(1);
    assertThat(tier.notices())
        .containsExactly(
            "L2_ADAPTER_JSON is ignored: --l2-adapter wins",
            "--l2-adapter wins: ignored are dax.device-path, dax.devices, dax.num-load-workers,"
                + " dax.hotplug-enabled, dax.eviction");
  }

  @Test
  void bind_adapterFromVariable_ignoresPropertiesOfTheEnvironment() {
    Tier tier =
        Tiers.given()
            .variable("L2_ADAPTER_JSON", ONE)
            .variable("DAX_SLOT_BYTES", "1")
            .variable("DAX_DEVICES_0_DEVICEPATH", "/x")
            .bind();

    assertThat(tier.properties().slotBytes()).isEqualTo(268435456L);
    assertThat(tier.properties().devices()).isNull();
    assertThat(tier.notices())
        .contains("L2_ADAPTER_JSON wins: ignored are dax.slot-bytes, dax.devices");
  }

  @Test
  void bind_unknownFields_areNamed() {
    Tier tier =
        Tiers.given()
            .arguments(
                "--l2-adapter",
                """
                {"type":"dax","slot_bytes":4096,"colour":"red",
                 "devices":[{"device_path":"/d","max_dax_size_gb":1,"size":2}],
                 "eviction":{"eviction_policy":"noop","speed":1}}\
                """)
            .bind();

    assertThat(tier.notices())
        .containsExactly(
            "--l2-adapter: unknown fields are ignored: colour, devices[0].size, eviction.speed");
  }

  @Test
  void bind_unknownProperties_areNamed() {
    Tier tier =
        Tiers.given()
            .variable("DAX_PORT", "tcp://10.0.0.1:6380")
            .yaml("dax: {slot-byte: 1, resp: {pasword: x}}")
            .arguments("--dax.device_pat=/d")
            .systemProperty("dax.hotplug", "true")
            .bind();

    assertThat(tier.notices())
        .containsExactly(
            "unknown properties are ignored: dax.devicepat, dax.hotplug, dax.resp.pasword,"
                + " dax.slot-byte");
  }

  @Test
  void bind_emptyBlocks_areNone() {
    String device = "device-path: /d, max-dax-size-gb: 1, slot-bytes: 4096";
    for (Tiers given :
        List.of(
            Tiers.given().yaml("dax: {%s, slot-byte: 1, eviction: , resp: }".formatted(device)),
            Tiers.given().yaml("dax: {%s, slot-byte: 1, eviction: {}}".formatted(device)),
            Tiers.given()
                .yaml("dax: {%s, slot-byte: 1}".formatted(device))
                .arguments("--dax.eviction="))) {
      Tier tier = given.bind();
      assertThat(tier.properties().eviction()).isNull();
      assertThat(tier.properties().resp().port()).isEqualTo(6380);
      assertThat(tier.notices()).containsExactly("unknown properties are ignored: dax.slot-byte");
    }
    assertThat(properties(Tiers.given().yaml("dax: {eviction: }")).eviction())
        .as("in the embedded default")
        .isEqualTo(new Eviction("LRU", 0.8, 0.2));
  }

  @Test
  void bind_persist_isSaidOnce() {
    assertThat(Tiers.given().arguments("--l2-adapter", ONE).bind().notices())
        .containsExactly("--l2-adapter: persist_enabled is accepted and has no effect yet");
    assertThat(Tiers.given().yaml(ONE_YAML).bind().notices())
        .containsExactly("dax.persist_enabled is accepted and has no effect yet");
  }

  @Test
  void bind_bothForms_listWins() {
    String json =
        """
        {"type":"dax","device_path":"/x","max_dax_size_gb":-1,"slot_bytes":4096,
         "devices":[{"device_path":"/d","max_dax_size_gb":1}]}\
        """;

    Tier tier = Tiers.given().arguments("--l2-adapter", json).bind();

    assertThat(tier.properties().startDevices()).containsExactly(new Device("/d", 1));
    assertThat(tier.notices())
        .containsExactly(
            "--l2-adapter: devices and --l2-adapter: device_path are both given: the device list"
                + " wins");
  }

  @Test
  void bind_nothing_isTheEmbeddedDefault() {
    Tier tier = Tiers.given().bind();

    assertThat(tier.embeddedFolder()).contains(Tiers.EMBEDDED_FOLDER);
    assertThat(tier.properties().startDevices())
        .containsExactly(new Device(Tiers.EMBEDDED_FOLDER + "/dax0", 1));
    assertThat(tier.properties().slotBytes()).isEqualTo(4 << 20);
    assertThat(tier.properties().hotplugEnabled()).isTrue();
    assertThat(tier.properties().eviction()).isEqualTo(new Eviction("LRU", 0.8, 0.2));
  }

  @Test
  void bind_nothingButSome_keepsWhatIsGiven() {
    Tier tier =
        Tiers.given()
            .arguments(
                "--dax.slot-bytes=33554432",
                "--dax.max-dax-size-gb=2",
                "--dax.hotplug-enabled=false",
                "--dax.eviction.eviction-ratio=0.5")
            .bind();

    assertThat(tier.embeddedFolder()).isPresent();
    assertThat(tier.properties().startDevices().getFirst().maxDaxSizeGb()).isEqualTo(2);
    assertThat(tier.properties().slotBytes()).isEqualTo(33554432);
    assertThat(tier.properties().hotplugEnabled()).isFalse();
    assertThat(tier.properties().eviction()).isEqualTo(new Eviction("LRU", 0.8, 0.5));
  }

  @Test
  void bind_emptyList_isNotNothing() {
    for (Tiers given :
        List.of(
            Tiers.given().yaml("dax: {slot-bytes: 4096, hotplug-enabled: true, devices: []}"),
            Tiers.given()
                .variable("DAX_DEVICES", "")
                .yaml("dax: {slot-bytes: 4096, hotplug-enabled: true}"),
            Tiers.given()
                .arguments("--dax.devices=")
                .yaml("dax: {slot-bytes: 4096, hotplug-enabled: true}"),
            Tiers.given()
                .arguments("--dax.devices=")
                .yaml(
                    """
                    dax:
                      slot-bytes: 4096
                      hotplug-enabled: true
                      devices: [{device-path: /d, max-dax-size-gb: 1}]
                    """),
            Tiers.given()
                .arguments(
                    "--l2-adapter={\"type\":\"dax\",\"devices\":[],\"slot_bytes\":4096,\"hotplug_enabled\":true}"))) {
      Tier tier = given.bind();
      assertThat(tier.properties().devices()).isEmpty();
      assertThat(tier.properties().startDevices()).isEmpty();
      assertThat(tier.embeddedFolder()).isEmpty();
    }
  }

  @Test
  void bind_emptyOptionalStrings_areNone() {
    DaxProperties properties =
        properties(
            Tiers.given()
                .variable("DAX_ADMINTOKEN", "")
                .variable("DAX_RESP_PASSWORD", " ")
                .arguments("--dax.resp.username=", "--dax.resp.unix-socket="));

    assertThat(properties.adminToken()).isNull();
    assertThat(properties.resp().username()).isNull();
    assertThat(properties.resp().password()).isNull();
    assertThat(properties.resp().unixSocket()).isNull();
  }

  private static DaxProperties properties(Tiers given) {
    return given.bind().properties();
  }
}
