package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stops the start: one sentence that names the field. */
class TierBinderRefusalTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "device-path=|dax.device_path must be a non-empty string",
        "max-dax-size-gb=0|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=-1|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=NaN|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=Infinity|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=1e999|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=lots|dax.max_dax_size_gb must be a positive number",
        "max-dax-size-gb=0.000001|dax.max_dax_size_gb configured DAX arena does not fit even one"
            + " slot: max_dax_size_gb is 1073 bytes and slot_bytes is 4096",
        "slot-bytes=0|dax.slot_bytes must be a positive integer",
        "slot-bytes=-4096|dax.slot_bytes must be a positive integer",
        "slot-bytes=1.5|dax.slot_bytes must be a positive integer",
        "slot-bytes=9999999999999999999|dax.slot_bytes must be a positive integer",
        "slot-bytes=|dax.slot_bytes must be a positive integer",
        "num-store-workers=0|dax.num_store_workers must be a positive integer",
        "num-lookup-workers=-1|dax.num_lookup_workers must be a positive integer",
        "num-load-workers=x|dax.num_load_workers must be a positive integer",
        "num-load-workers=0|dax.num_load_workers must be a positive integer",
        "hotplug-enabled=maybe|dax.hotplug_enabled must be true or false",
        "persist-enabled=2|dax.persist_enabled must be true or false",
        "devices=|dax.devices may be empty only when hotplug_enabled is true",
        "devices=/dev/dax0.0|dax.devices must be a list",
        "devices[0]=/dev/dax0.0|dax.devices[0] must be a dict",
        "devices[0].max-dax-size-gb=1|dax.devices[0].device_path must be a non-empty string",
        "devices[0].device-path=/d|dax.devices[0].max_dax_size_gb must be a positive number",
        "devices[1].device-path=/d|dax.devices must be a list without a gap before"
            + " dax.devices[1].device-path",
        "device-path=${NOT_SET}|dax.device_path refers to ${NOT_SET}, which is not set",
        "admin-token=${NOT_SET}|dax.admin-token refers to ${NOT_SET}, which is not set",
        "resp.password=p-${NOT_SET}|dax.resp.password refers to ${NOT_SET}, which is not set",
        "slot-bytes=${NOT_SET}|dax.slot_bytes refers to ${NOT_SET}, which is not set",
        "eviction=LRU|dax.eviction must be a dict",
        "eviction.trigger-watermark=0.5|dax.eviction.eviction_policy must be LRU or noop",
        "eviction.eviction-policy=FIFO|dax.eviction.eviction_policy must be LRU or noop",
        "eviction.eviction-policy=|dax.eviction.eviction_policy must be LRU or noop",
        "eviction.eviction-policy=ARC|dax.eviction.eviction_policy ARC is not supported yet: it"
            + " must be LRU or noop",
        "eviction.eviction-policy=IsolatedLRU|dax.eviction.eviction_policy IsolatedLRU is not"
            + " supported yet: it must be LRU or noop",
        "exists-grace=-1s|dax.exists-grace must be a duration from 0s to 365d",
        "exists-grace=366d|dax.exists-grace must be a duration from 0s to 365d",
        "exists-grace=soon|dax.exists-grace must be a duration such as 10s",
        "lock-timeout=0s|dax.lock-timeout must be a duration above 0s and up to 365d",
        "transfer-timeout=0s|dax.transfer-timeout must be a duration above 0s and up to 365d",
        "allowed-device-paths=[|dax.allowed-device-paths must be a list of globs, which [ is not",
        "allowed-device-paths=dev|dax.allowed-device-paths must be a list of absolute paths, which"
            + " dev is not",
        "resp.host=|dax.resp.host must be a non-empty string",
        "resp.port=65536|dax.resp.port must be a port from 0 to 65535",
        "resp.port=http|dax.resp.port must be a port from 0 to 65535",
        "resp.username=u|dax.resp.username needs a password beside it",
        "resp.max-key-bytes=0|dax.resp.max-key-bytes must be a positive integer",
        "resp.max-connections=-1|dax.resp.max-connections must be a positive integer",
        "resp.share-devices=x|dax.resp.share-devices must be true or false",
      })
  void bind_wrongProperty_namesIt(String property, String message) {
    assertRefused(
        Tiers.given()
            .properties(
                Map.of(
                    "dax.device-path", "/d", "dax.max-dax-size-gb", "1", "dax.slot-bytes", "4096"))
            .arguments("--dax." + property),
        message);
  }

  @ParameterizedTest
  @CsvSource({"eviction=noop, dax.eviction must be a dict", "resp=6380, dax.resp must be a dict"})
  void bind_blockWithAValueBesideItsFields_isRefused(String property, String message) {
    assertRefused(
        Tiers.given().yaml("dax: {resp: {port: 1}}").arguments("--dax." + property), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1.01", "-0.1", "NaN", "Infinity", "x"})
  void bind_wrongWatermark_namesIt(String value) {
    assertRefused(
        Tiers.given().arguments("--dax.eviction.trigger-watermark=" + value),
        "dax.eviction.trigger_watermark must be a number above 0 and at most 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.01", "-0.1", "NaN", "-Infinity", "x"})
  void bind_wrongRatio_namesIt(String value) {
    assertRefused(
        Tiers.given().arguments("--dax.eviction.eviction-ratio=" + value),
        "dax.eviction.eviction_ratio must be a number from 0 to 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense|--l2-adapter is not valid JSON at line 1, column 1: Unrecognized token"
            + " 'nonsense'",
        "{\"type\":\"dax\"} {}|--l2-adapter is not valid JSON",
        "[]|--l2-adapter must be a JSON object",
        "{}|--l2-adapter: type must be \"dax\"",
        "{\"type\":\"resp\"}|--l2-adapter: type must be \"dax\"",
        "{\"type\":\"dax\"}|--l2-adapter: device_path must be a non-empty string",
        "{\"type\":\"dax\",\"device_path\":\"/d\"}|--l2-adapter: max_dax_size_gb must be a positive"
            + " number",
        "{\"type\":\"dax\",\"device_path\":\"/d\",\"max_dax_size_gb\":1}|--l2-adapter: slot_bytes"
            + " must be a positive integer",
        "{\"type\":\"dax\",\"slot_bytes\":4096}|--l2-adapter: device_path must be a non-empty"
            + " string",
        "{\"type\":\"dax\",\"slot_bytes\":true}|--l2-adapter: slot_bytes must be a positive"
            + " integer",
        "{\"type\":\"dax\",\"slot_bytes\":4096.0}|--l2-adapter: slot_bytes must be a positive"
            + " integer",
        "{\"type\":\"dax\",\"slot_bytes\":\"4096\"}|--l2-adapter: slot_bytes must be a positive"
            + " integer",
        "{\"type\":\"dax\",\"device_path\":\"/d\\u0000\"}|--l2-adapter: device_path must be a path:"
            + " Nul character not allowed",
        "{\"type\":\"dax\",\"device_path\":7}|--l2-adapter: device_path must be a non-empty string",
        "{\"type\":\"dax\",\"device_path\":\" \",\"slot_bytes\":1}|--l2-adapter: device_path must"
            + " be a non-empty string",
        "{\"type\":\"dax\",\"max_dax_size_gb\":NaN,\"device_path\":\"/d\",\"slot_bytes\":1}|--l2-adapter:"
            + " max_dax_size_gb must be a positive number",
        "{\"type\":\"dax\",\"max_dax_size_gb\":Infinity,\"device_path\":\"/d\",\"slot_bytes\":1}|--l2-adapter:"
            + " max_dax_size_gb must be a positive number",
        "{\"type\":\"dax\",\"max_dax_size_gb\":1e400,\"device_path\":\"/d\",\"slot_bytes\":1}|--l2-adapter:"
            + " max_dax_size_gb must be a positive number",
        "{\"type\":\"dax\",\"max_dax_size_gb\":true}|--l2-adapter: max_dax_size_gb must be a"
            + " positive number",
        "{\"type\":\"dax\",\"num_load_workers\":null}|--l2-adapter: num_load_workers must be a"
            + " positive integer",
        "{\"type\":\"dax\",\"hotplug_enabled\":\"false\"}|--l2-adapter: hotplug_enabled must be"
            + " true or false",
        "{\"type\":\"dax\",\"persist_enabled\":1}|--l2-adapter: persist_enabled must be true or"
            + " false",
        "{\"type\":\"dax\",\"devices\":null}|--l2-adapter: devices must be a list",
        "{\"type\":\"dax\",\"devices\":{}}|--l2-adapter: devices must be a list",
        "{\"type\":\"dax\",\"devices\":[],\"slot_bytes\":1}|--l2-adapter: devices may be empty only"
            + " when hotplug_enabled is true",
        "{\"type\":\"dax\",\"devices\":[3]}|--l2-adapter: devices[0] must be a dict",
        "{\"type\":\"dax\",\"devices\":[{}]}|--l2-adapter: devices[0].device_path must be a"
            + " non-empty string",
        "{\"type\":\"dax\",\"devices\":[{\"device_path\":\"\"}]}|--l2-adapter:"
            + " devices[0].device_path must be a non-empty string",
        "{\"type\":\"dax\",\"slot_bytes\":1,\"devices\":[{\"device_path\":\"/a\",\"max_dax_size_gb\":1},{\"device_path\":\"/b\",\"max_dax_size_gb\":0}]}|--l2-adapter:"
            + " devices[1].max_dax_size_gb must be a positive number",
        "{\"type\":\"dax\",\"slot_bytes\":4096,\"devices\":[{\"device_path\":\"/a\",\"max_dax_size_gb\":0.000001}]}|--l2-adapter:"
            + " devices[0] configured DAX arena does not fit one slot",
        "{\"type\":\"dax\",\"eviction\":\"LRU\"}|--l2-adapter: eviction must be a dict",
        "{\"type\":\"dax\",\"eviction\":{}}|--l2-adapter: eviction.eviction_policy must be LRU or"
            + " noop",
        "{\"type\":\"dax\",\"eviction\":{\"eviction_policy\":\"ARC\"}}|--l2-adapter:"
            + " eviction.eviction_policy ARC is not supported yet",
        "{\"type\":\"dax\",\"eviction\":{\"eviction_policy\":\"LRU\",\"trigger_watermark\":\"0.8\"}}|--l2-adapter:"
            + " eviction.trigger_watermark must be a number above 0 and at most 1",
        "{\"type\":\"dax\",\"eviction\":{\"eviction_policy\":\"LRU\",\"eviction_ratio\":5}}|--l2-adapter:"
            + " eviction.eviction_ratio must be a number from 0 to 1",
      })
  void bind_wrongJson_namesTheField(String json, String message) {
    assertRefused(Tiers.given().arguments("--l2-adapter", json), message);
  }

  @Test
  void bind_wrongJsonInTheVariable_namesTheVariable() {
    assertRefused(
        Tiers.given()
            .variable(
                "L2_ADAPTER_JSON",
                "{\"type\":\"dax\",\"devices\":[],\"hotplug_enabled\":true,\"slot_bytes\":0}"),
        "L2_ADAPTER_JSON: slot_bytes must be a positive integer");
  }

  private static void assertRefused(Tiers given, String message) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(given::bind)
        .satisfies(e -> assertThat(e.getMessage()).startsWith(message).doesNotContain("\n"));
  }
}
