package io.daxtier.reconfigure.dax;

import static io.daxtier.reconfigure.dax.DaxRig.assertBlocked;
import static io.daxtier.reconfigure.dax.DaxRig.lookup;
import static io.daxtier.reconfigure.dax.DaxRig.unlock;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.slot.Grant;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Session;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Rows 47 to 52 of the behaviour table of LMCache's contract, over HTTP: devices that grow and
 * shrink.
 */
class ResizeRowsIT extends WithDaxRig {

  @Test
  void grow_row47() {
    Path device = rig.file(4);
    rig.add(device, 2);
    rig.put("a");
    rig.put("b");
    assertThat(rig.put("c")).isFalse();

    Reply reply = rig.resize(device, 4, "migrate", false);

    assertThat(reply.status()).isEqualTo(200);
    JsonNode json = reply.json();
    assertThat(json.propertyNames())
        .containsExactlyInAnyOrder(
            "status",
            "operation",
            "adapter_index",
            "device_path",
            "index",
            "old_size_bytes",
            "new_size_bytes",
            "state");
    assertThat(json.get("old_size_bytes").asInt()).isEqualTo(2 * DaxRig.SLOT);
    assertThat(json.get("new_size_bytes").asInt()).isEqualTo(4 * DaxRig.SLOT);
    assertThat(json.get("state").asString()).isEqualTo("active");
    assertThat(rig.put("c")).isTrue();
    assertThat(List.of("a", "b", "c")).allMatch(rig::has);
  }

  @Test
  void shrink_lockInThePartThatGoes_isBlocked_row48() {
    Path device = rig.device(4);
    List.of("a", "b", "c").forEach(rig::put);
    try (Session session = rig.client()) {
      lookup(session, "c");

      assertBlocked(rig.resize(device, 2, "migrate", false), 1, 0, 1);

      assertThat(rig.status().get("total_capacity_bytes").asInt()).isEqualTo(4 * DaxRig.SLOT);
      assertThat(rig.state(device)).isEqualTo("active");
      assertThat(List.of("a", "b", "c")).allMatch(rig::has);
      assertThat(rig.put("d")).as("the part is given out again").isTrue();
    }
  }

  @Test
  void shrink_lockInThePartThatStays_doesNotBlock_row48() {
    Path device = rig.device(4);
    rig.put("a");
    try (Session session = rig.client()) {
      Grant grant = lookup(session, "a");

      assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(200);

      unlock(session, grant);
    }
  }

  @Test
  void shrink_afterUnlockAndDelete_row49() {
    Path device = rig.device(4);
    List.of("a", "b", "c").forEach(rig::put);
    try (Session session = rig.client()) {
      Grant grant = lookup(session, "c");
      assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(409);
      unlock(session, grant);
    }
    rig.store.delete(ObjectKey.of("c"));

    assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(200);
    assertThat(rig.status().get("total_capacity_bytes").asInt()).isEqualTo(2 * DaxRig.SLOT);
    assertThat(List.of("a", "b")).allMatch(rig::has);
    assertThat(rig.put("d")).isFalse();
  }

  @Test
  void resize_toTheCurrentSize_row50() {
    Path device = rig.device(2);
    rig.put("a");
    try (Session session = rig.client()) {
      lookup(session, "a");

      Reply reply = rig.resize(device, 2, "migrate", false);

      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.json().get("new_size_bytes")).isEqualTo(reply.json().get("old_size_bytes"));
    }
  }

  @Test
  void shrinkMigrate_fillsThePartThatStaysFirst_row51() {
    Path device = rig.device(4);
    List.of("a", "b", "c", "d").forEach(rig::put);
    rig.store.delete(ObjectKey.of("a"));
    Path other = rig.device(2);
    long evicted = rig.store.usage().evictions().operator();

    Reply reply = rig.resize(device, 2, "migrate", false);

    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(List.of("b", "c", "d")).allMatch(rig::has);
    assertThat(rig.live(device)).as("the free slot below was used").isEqualTo(2);
    assertThat(rig.live(other)).isEqualTo(1);
    assertThat(rig.store.usage().evictions().operator()).isEqualTo(evicted);
  }

  @Test
  void shrinkMigrate_noRoomAnywhere_507_row51() {
    Path device = rig.device(3);
    List.of("a", "b", "c").forEach(rig::put);

    Reply alone = rig.resize(device, 2, "migrate", false);
    assertThat(alone.status()).isEqualTo(507);
    assertThat(alone.text()).isEqualTo("{\"error\":\"no active destination DAX capacity\"}");

    Path other = rig.device(1);
    rig.put("d");
    Reply full = rig.resize(device, 2, "migrate", false);
    assertThat(full.status()).isEqualTo(507);
    assertThat(full.text()).isEqualTo("{\"error\":\"insufficient destination DAX capacity\"}");
    assertThat(rig.state(device)).isEqualTo("active");
    assertThat(rig.state(other)).isEqualTo("active");
    assertThat(List.of("a", "b", "c", "d")).allMatch(rig::has);
  }

  @Test
  void shrinkEvict_row52() {
    Path device = rig.device(4);
    List.of("a", "b", "c", "d").forEach(rig::put);
    try (Session session = rig.client()) {
      Grant low = lookup(session, "a");
      Reply refused = rig.resize(device, 2, "evict", false);
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.text())
          .isEqualTo("{\"error\":\"resize shrink would drop live keys without migration\"}");
      assertThat(List.of("a", "b", "c", "d")).allMatch(rig::has);

      Grant high = lookup(session, "d");
      long evicted = rig.store.usage().evictions().operator();
      assertThat(rig.resize(device, 2, "evict", true).status()).isEqualTo(200);

      assertThat(List.of("a", "b")).allMatch(rig::has);
      assertThat(List.of("c", "d")).noneMatch(rig::has);
      assertThat(rig.store.usage().evictions().operator()).isEqualTo(evicted + 2);
      assertThat(session.unlock(List.of(low.token(), high.token()))).containsExactly(true, false);
    }
  }

  @Test
  void shrinkEvict_nothingInThePartThatGoes_row52() {
    Path device = rig.device(4);
    rig.put("a");

    assertThat(rig.resize(device, 2, "evict", false).status()).isEqualTo(200);
    assertThat(rig.has("a")).isTrue();
  }
}
