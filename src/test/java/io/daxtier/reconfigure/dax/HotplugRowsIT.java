package io.daxtier.reconfigure.dax;

import static io.daxtier.reconfigure.dax.DaxRig.assertBlocked;
import static io.daxtier.reconfigure.dax.DaxRig.lookup;
import static io.daxtier.reconfigure.dax.DaxRig.unlock;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.slot.Grant;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStoreInvariants;
import io.daxtier.slot.StoreMode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Rows 37 to 58 of the behaviour table of LMCache's contract, but for those of {@link
 * ResizeRowsIT}, over HTTP. Where Daxtier's design decides otherwise than a row, the name of the
 * test says what it does.
 */
class HotplugRowsIT extends WithDaxRig {

  private static void assertRemoved(Reply reply, Path device, int moved, int deleted) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    JsonNode json = reply.json();
    assertThat(json.propertyNames())
        .containsExactlyInAnyOrder(
            "status",
            "operation",
            "adapter_index",
            "device_path",
            "index",
            "moved_keys",
            "moved_bytes",
            "deleted_keys",
            "source_slots_freed",
            "state");
    assertThat(json.get("status").asString()).isEqualTo("ok");
    assertThat(json.get("operation").asString()).isEqualTo("remove");
    assertThat(json.get("device_path").asString()).isEqualTo(device.toString());
    assertThat(json.get("moved_keys").asInt()).isEqualTo(moved);
    assertThat(json.get("deleted_keys").asInt()).isEqualTo(deleted);
    assertThat(json.get("source_slots_freed").asInt()).isEqualTo(moved + deleted);
    assertThat(json.get("state").asString()).isEqualTo("removed");
    assertThat(rig.status(device).get("is_healthy").asBoolean()).isFalse();
    assertThat(rig.live(device)).isZero();
  }

  @Test
  void status_row37() {
    Path device = rig.device(4);
    rig.put("a");

    Reply reply = rig.http.get("/reconfigure/dax/status");

    JsonNode adapter = reply.json().at("/adapters/0");
    assertThat(adapter.get("backend").asString()).isEqualTo("dax");
    assertThat(adapter.get("supported_operations").toString())
        .isEqualTo("[\"status\",\"add\",\"remove\",\"resize\"]");
    JsonNode status = adapter.get("status");
    assertThat(status.propertyNames())
        .containsExactly(
            "hotplug_enabled", "slot_bytes", "total_capacity_bytes", "total_used_bytes", "devices");
    assertThat(status.get("hotplug_enabled").asBoolean()).isTrue();
    assertThat(status.get("slot_bytes").asInt()).isEqualTo(DaxRig.SLOT);
    assertThat(status.get("total_capacity_bytes").asInt()).isEqualTo(4 * DaxRig.SLOT);
    assertThat(status.get("total_used_bytes").asInt()).isEqualTo(DaxRig.SLOT);
    JsonNode entry = rig.status(device);
    assertThat(entry.toString())
        .isEqualTo(
            """
            {"is_healthy":true,"device_path":"%s","max_dax_size_bytes":262144,"slot_bytes":65536,\
            "max_slots":4,"live_slot_count":1,"locked_key_count":0,"borrowed_slot_count":0,\
            "active_read_count":0,"active_write_count":0,"closing":false,\
            "supports_restart_recovery":false,"index":%d,"device_id":%d,"state":"active",\
            "inflight_store_tasks":0,"inflight_lookup_tasks":0,"inflight_load_tasks":0}\
            """
                .formatted(device, entry.get("index").asInt(), entry.get("device_id").asInt()));
  }

  @Test
  void removeMigrate_objectMoves_row38() {
    Path source = rig.device(2);
    rig.put("k", 1000, StoreMode.REPLACE);
    Path target = rig.device(2);
    long evicted = rig.store.usage().evictions().operator();

    Reply reply = rig.remove(source, "migrate", false);

    assertRemoved(reply, source, 1, 0);
    assertThat(reply.json().get("moved_bytes").asInt()).as("payload bytes").isEqualTo(1000);
    assertThat(rig.home("k")).isEqualTo(target);
    assertThat(rig.has("k")).isTrue();
    assertThat(rig.store.usage().evictions().operator()).isEqualTo(evicted);
  }

  @Test
  void removeWithoutMode_migrates_row38() {
    Path source = rig.device(2);
    rig.put("k");
    rig.device(2);

    Reply reply = rig.http.post("/reconfigure/dax/remove", "{\"device_path\":\"" + source + "\"}");

    assertRemoved(reply, source, 1, 0);
  }

  @Test
  void drain_newObjectsGoElsewhere_row39() {
    Path source = rig.device(3);
    rig.put("old");
    Path other = rig.device(1);

    Reply reply = rig.remove(source, "drain", false);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().propertyNames())
        .containsExactlyInAnyOrder(
            "status", "operation", "adapter_index", "device_path", "index", "state");
    assertThat(reply.json().get("operation").asString()).isEqualTo("drain");
    assertThat(reply.json().get("state").asString()).isEqualTo("draining");
    assertThat(rig.put("new")).isTrue();
    assertThat(rig.home("new")).isEqualTo(other);
    assertThat(rig.put("full")).isFalse();
    assertThat(rig.live(source)).isEqualTo(1);
    assertThat(rig.has("old")).isTrue();
    assertThat(rig.remove(source, "drain", false).status()).as("again").isEqualTo(200);
  }

  @Test
  void removeMigrate_ofDrainingDevice_row40() {
    Path source = rig.device(2);
    rig.put("old");
    rig.device(2);
    rig.remove(source, "drain", false);
    rig.put("new");

    assertRemoved(rig.remove(source, "migrate", false), source, 1, 0);
    assertThat(rig.status().get("total_used_bytes").asInt()).isEqualTo(2 * DaxRig.SLOT);
  }

  @Test
  void remove_lockedObject_isBlockedAndStateRestored_row41() {
    Path source = rig.device(2);
    rig.put("k");
    rig.device(2);
    try (Session session = rig.client()) {
      lookup(session, "k");

      assertBlocked(rig.remove(source, "migrate", false), 1, 0, 1);
      assertThat(rig.state(source)).isEqualTo("active");
      assertBlocked(rig.remove(source, "evict", false), 1, 0, 1);
      assertThat(rig.state(source)).isEqualTo("active");
      rig.remove(source, "drain", false);
      assertBlocked(rig.remove(source, "migrate", false), 1, 0, 1);
      assertThat(rig.state(source)).isEqualTo("draining");
      assertThat(rig.has("k")).isTrue();
      SlotStoreInvariants.check(rig.store);
    }
  }

  @Test
  void remove_afterUnlock_row42() {
    Path source = rig.device(2);
    rig.put("k");
    rig.device(2);
    try (Session session = rig.client()) {
      Grant grant = lookup(session, "k");
      assertThat(rig.remove(source, "migrate", false).status()).isEqualTo(409);
      unlock(session, grant);

      assertThat(rig.remove(source, "drain", false).status()).isEqualTo(200);
      assertRemoved(rig.remove(source, "migrate", false), source, 1, 0);
    }
  }

  @Test
  void restore_ofAKeyOnADrainingDevice_makesNoSecondCopy_row43() {
    Path source = rig.device(2);
    rig.put("kept");
    rig.put("replaced");
    Path target = rig.device(3);
    rig.remove(source, "drain", false);

    assertThat(rig.put("kept", DaxRig.SLOT, StoreMode.KEEP_EXISTING)).isTrue();
    assertThat(rig.put("replaced", 10, StoreMode.REPLACE)).isTrue();

    assertThat(rig.home("kept")).isEqualTo(source);
    assertThat(rig.home("replaced")).isEqualTo(target);
    assertThat(rig.store.usage().committed()).isEqualTo(2);
    assertRemoved(rig.remove(source, "migrate", false), source, 1, 0);
    assertThat(rig.has("kept")).isTrue();
    assertThat(rig.has("replaced")).isTrue();
  }

  @Test
  void removeEvict_row44() {
    Path source = rig.device(2);
    rig.put("k");
    long evicted = rig.store.usage().evictions().operator();

    assertRemoved(rig.remove(source, "evict", false), source, 0, 1);
    assertThat(rig.has("k")).isFalse();
    assertThat(rig.store.usage().evictions().operator()).isEqualTo(evicted + 1);
  }

  @Test
  void add_ofAMissingPath_row45() {
    Path missing = folder.resolve("dax-missing");

    Reply reply = rig.add(missing, 1);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text()).isEqualTo("{\"error\":\"failed to map DAX device\"}");
    assertThat(missing).doesNotExist();
  }

  @Test
  void add_ofASecondDevice_row46() {
    Path first = rig.device(2);
    rig.put("k");

    Path second = rig.file(2);
    Reply reply = rig.add(second, 2);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().propertyNames())
        .containsExactlyInAnyOrder("status", "operation", "adapter_index", "device");
    assertThat(reply.json().get("device").toString()).isEqualTo(rig.status(second).toString());
    assertThat(reply.json().at("/device/state").asString()).isEqualTo("active");
    assertThat(rig.home("k")).isEqualTo(first);
  }

  @Test
  void remove_ofAnEmptyLastDevice_row53() {
    Path device = rig.device(2);

    assertRemoved(rig.remove(device, "migrate", false), device, 0, 0);
    assertThat(rig.status().get("total_capacity_bytes").asInt()).isZero();
    assertThat(rig.put("k")).isFalse();
  }

  @Test
  void removeForce_dropsLocks_row54() {
    Path source = rig.device(2);
    rig.put("k");
    Path target = rig.device(2);
    try (Session session = rig.client()) {
      Grant grant = lookup(session, "k");

      assertRemoved(rig.remove(source, "migrate", true), source, 1, 0);

      assertThat(session.unlock(List.of(grant.token()))).containsExactly(false);
      assertThat(rig.home("k")).isEqualTo(target);
      assertThat(rig.has("k")).isTrue();
    }
  }

  @Test
  void drain_whileLocked_row55() {
    Path device = rig.device(2);
    rig.put("k");
    try (Session session = rig.client()) {
      Grant grant = lookup(session, "k");

      assertThat(rig.remove(device, "drain", false).status()).isEqualTo(200);

      unlock(session, grant);
    }
  }

  @Test
  void add_again_row57() {
    Path device = rig.device(2);
    rig.put("k");
    String before = rig.status(device).toString();

    Reply same = rig.add(device, 2);
    assertThat(same.status()).isEqualTo(200);
    assertThat(same.json().get("device").toString()).isEqualTo(before);

    Reply other = rig.add(device, 1);
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.text())
        .isEqualTo("{\"error\":\"device_path already active with a different size\"}");
    assertThat(rig.status(device).toString()).isEqualTo(before);
  }

  @Test
  void add_ofADrainingDevice_makesItActive_row57() {
    Path device = rig.device(2);
    rig.put("k");
    rig.remove(device, "drain", false);
    assertThat(rig.add(device, 1).status()).isEqualTo(409);
    assertThat(rig.state(device)).isEqualTo("draining");

    Reply reply = rig.add(device, 2);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().at("/device/state").asString()).isEqualTo("active");
    assertThat(rig.put("l")).isTrue();
    assertThat(rig.has("k")).isTrue();
  }

  @Test
  void add_ofARemovedPath_row58() {
    Path device = rig.device(2);
    rig.put("k");
    JsonNode before = rig.status(device);
    rig.remove(device, "evict", false);
    int listed = rig.status().get("devices").size();

    JsonNode after = rig.add(device, 2).json().get("device");

    assertThat(after.get("index").asInt()).isGreaterThan(before.get("index").asInt());
    assertThat(after.get("device_id").asInt()).isNotEqualTo(before.get("device_id").asInt());
    assertThat(after.get("live_slot_count").asInt()).isZero();
    assertThat(rig.has("k")).isFalse();
    JsonNode devices = rig.status().get("devices");
    assertThat(devices.size()).as("the removed entry stays").isEqualTo(listed + 1);
    assertThat(devices.get(before.get("index").asInt()).get("state").asString())
        .isEqualTo("removed");
  }
}
