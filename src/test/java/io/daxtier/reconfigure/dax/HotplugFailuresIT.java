package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.slot.Grant;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStoreInvariants;
import io.daxtier.slot.StoreMode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operation that fails loses nothing, doubles nothing, leaves the device as it was, and succeeds
 * when it is asked for again.
 */
class HotplugFailuresIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir static Path folder;
  static DaxRig rig;

  @BeforeAll
  static void start() {
    rig =
        new DaxRig(
            folder, new DaxRig.Options(true, DaxRig.DRAIN_TIMEOUT.multipliedBy(2), List.of()));
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @AfterEach
  void clear() {
    rig.clear();
  }

  private static List<String> put(String prefix, int count) {
    List<String> keys = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    assertThat(keys).allMatch(rig::put);
    return keys;
  }

  private static void awaitState(Path device, String state) {
    Awaitility.await().atMost(SOON).until(() -> rig.state(device).equals(state));
  }

  @Test
  void migrate_targetsFillUp_507ThenAgain() {
    Path source = rig.device(6);
    List<String> keys = put("k", 6);
    Path target = rig.device(4);

    Reply full = rig.remove(source, "migrate", false);

    assertThat(full.status()).isEqualTo(507);
    assertThat(full.text()).isEqualTo("{\"error\":\"insufficient destination DAX capacity\"}");
    assertThat(rig.state(source)).isEqualTo("active");
    assertThat(keys).allMatch(rig::has);
    assertThat(rig.live(source)).as("what was moved stays moved").isEqualTo(2);
    assertThat(rig.live(target)).isEqualTo(4);
    SlotStoreInvariants.checkIdle(rig.store);

    Path second = rig.device(2);
    Reply done = rig.remove(source, "migrate", false);
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().get("moved_keys").asInt()).isEqualTo(2);
    assertThat(keys).allMatch(rig::has);
    assertThat(rig.live(second)).isEqualTo(2);
  }

  @Test
  void migrate_targetsFillUp_drainingStaysDraining() {
    Path source = rig.device(2);
    put("k", 2);
    rig.device(1);
    rig.remove(source, "drain", false);

    assertThat(rig.remove(source, "migrate", false).status()).isEqualTo(507);
    assertThat(rig.state(source)).isEqualTo("draining");
  }

  @Test
  void migrate_noTarget_507() {
    Path source = rig.device(2);
    List<String> keys = put("k", 2);

    Reply alone = rig.remove(source, "migrate", false);

    assertThat(alone.status()).isEqualTo(507);
    assertThat(alone.text()).isEqualTo("{\"error\":\"no active destination DAX capacity\"}");
    assertThat(rig.state(source)).isEqualTo("active");
    assertThat(keys).allMatch(rig::has);
  }

  @Test
  void shrink_targetsFillUp_thenAgain() {
    Path device = rig.device(4);
    List<String> keys = put("k", 4);
    rig.device(1);

    assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(507);
    assertThat(rig.state(device)).isEqualTo("active");
    assertThat(rig.status(device).get("max_slots").asInt()).isEqualTo(4);
    assertThat(keys).allMatch(rig::has);
    SlotStoreInvariants.checkIdle(rig.store);

    rig.device(1);
    assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(200);
    assertThat(keys).allMatch(rig::has);
    assertThat(rig.status(device).get("max_slots").asInt()).isEqualTo(2);
  }

  @Test
  void migrate_sourceLosesPages_whatWasMovedStays() {
    Path source = rig.device(4);
    List<String> keys = put("k", 4);
    rig.device(6);
    rig.remove(source, "drain", false);
    List<String> others = put("o", 2);
    DaxRig.setLength(source, 2 * DaxRig.SLOT);

    Reply fault = rig.remove(source, "migrate", false);

    assertThat(fault.status()).isEqualTo(409);
    assertThat(fault.error()).isEqualTo("migration source copy failed");
    assertThat(rig.state(source)).isEqualTo("failed");
    assertThat(rig.status(source).get("is_healthy").asBoolean()).isFalse();
    assertThat(keys.subList(0, 2)).allMatch(rig::has);
    assertThat(keys.subList(2, 4)).noneMatch(rig::has);
    assertThat(others).allMatch(rig::has);
    assertThat(rig.status().get("total_used_bytes").asInt()).isEqualTo(4 * DaxRig.SLOT);
    SlotStoreInvariants.checkIdle(rig.store);

    assertThat(rig.add(source, 4).status()).as("a failed device is not added").isEqualTo(409);
    assertThat(rig.resize(source, 2, "migrate", false).status()).isEqualTo(409);
    assertThat(rig.remove(source, "drain", false).status()).isEqualTo(409);
    assertThat(rig.remove(source, "migrate", false).status()).isEqualTo(200);
    DaxRig.setLength(source, 4 * DaxRig.SLOT);
    assertThat(rig.add(source, 4).status()).as("repaired").isEqualTo(200);
  }

  @Test
  void migrate_targetLosesPages_sourceKeepsWhatItHas() {
    Path source = rig.device(3);
    List<String> keys = put("k", 3);
    Path target = rig.device(4);
    DaxRig.loseBytes(target);

    Reply fault = rig.remove(source, "migrate", false);

    assertThat(fault.status()).isEqualTo(409);
    assertThat(fault.error()).isEqualTo("migration destination copy failed");
    assertThat(rig.state(source)).isEqualTo("active");
    assertThat(rig.state(target)).isEqualTo("failed");
    assertThat(keys).allMatch(rig::has);
    SlotStoreInvariants.checkIdle(rig.store);

    assertThat(rig.remove(target, "migrate", false).status()).isEqualTo(200);
    rig.device(3);
    Reply done = rig.remove(source, "migrate", false);
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().get("moved_keys").asInt()).isEqualTo(3);
    assertThat(keys).allMatch(rig::has);
  }

  @Test
  void remove_callerHangsUp_runsToItsEnd() throws IOException {
    Path source = rig.device(3);
    try (Session session = rig.client()) {
      Grant held = (Grant) session.reserve(ObjectKey.of("late"), 100);
      List<String> keys = put("k", 2);
      Path target = rig.device(3);
      hangUpAfterPost(
          "{\"device_path\":\"" + source + "\"}", () -> awaitState(source, "migrating"));

      assertThat(session.commit(List.of(held.token())))
          .as("a write that had begun")
          .containsExactly(true);

      awaitState(source, "removed");
      assertThat(keys).allMatch(rig::has);
      assertThat(rig.store.length(ObjectKey.of("late"))).isEqualTo(100);
      assertThat(rig.live(target)).isEqualTo(3);
    }
  }

  private static void hangUpAfterPost(String body, Runnable meanwhile) throws IOException {
    URI base = rig.http.uri("/reconfigure/dax/remove");
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      String request =
          "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(base.getPath(), body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      meanwhile.run();
      socket.setSoLinger(true, 0);
    }
  }

  @Test
  void remove_lockTakenMeanwhile_isWaitedFor() {
    Path source = rig.device(3);
    try (Session session = rig.client()) {
      Grant held = (Grant) session.reserve(ObjectKey.of("late"), 100);
      rig.device(3);
      CompletableFuture<Reply> removal =
          CompletableFuture.supplyAsync(() -> rig.remove(source, "migrate", false));
      awaitState(source, "migrating");

      assertThat(session.commit(List.of(held.token()))).containsExactly(true);
      Grant lock = Objects.requireNonNull(session.lookup(ObjectKey.of("late")));
      assertThat(session.unlock(List.of(lock.token()))).containsExactly(true);

      Reply done = removal.join();
      assertThat(done.status()).as(done.text()).isEqualTo(200);
      assertThat(done.json().get("moved_keys").asInt()).isEqualTo(1);
    }
    assertThat(rig.store.length(ObjectKey.of("late"))).isEqualTo(100);
  }

  @Test
  void remove_writeThatDoesNotEnd_409AndBackToActive() {
    Path source = rig.device(3);
    List<String> keys = put("k", 1);
    try (Session session = rig.client();
        Reservation writing =
            (Reservation) rig.store.reserve(session, ObjectKey.of("w"), DaxRig.SLOT)) {
      Path target = rig.device(3);

      Reply blocked = rig.remove(source, "migrate", false);

      DaxRig.assertBlocked(blocked, 0, 1, 1);
      assertThat(blocked.json().at("/sessions/0/id").asLong()).isEqualTo(session.id());
      assertThat(rig.state(source)).isEqualTo("active");
      assertThat(rig.home("k0")).as("what was moved stays moved").isEqualTo(target);
      assertThat(keys).allMatch(rig::has);
      writing.commit(StoreMode.REPLACE, null);
    }
    assertThat(rig.remove(source, "migrate", false).status()).isEqualTo(200);
  }

  @Test
  void removeForce_writeThatDoesNotEnd_closesItsConnection() {
    Path source = rig.device(3);
    rig.device(3);
    rig.remove(rig.device(3), "evict", false);
    CompletableFuture<Void> disconnected = new CompletableFuture<>();
    try (Session session =
        rig.store.openSession("stuck", OptionalLong.empty(), () -> disconnected.complete(null))) {
      Reservation writing =
          (Reservation) rig.store.reserve(session, ObjectKey.of("w"), DaxRig.SLOT);
      assertThat(writing.device().path()).isEqualTo(source);
      // The connection's thread: its channel is closed under it, so it gives the slot back.
      CompletableFuture<Void> connection = disconnected.thenRun(writing::close);

      Reply done = rig.remove(source, "evict", true);

      assertThat(done.status()).as(done.text()).isEqualTo(200);
      assertThat(connection).isCompleted();
    }
    assertThat(rig.add(source, 3).status()).as("nobody writes there any more").isEqualTo(200);
  }

  @Test
  void removeForce_clientMayStillWrite_deviceIsQuarantined() {
    Path source = rig.device(3);
    List<String> keys;
    try (Session session = rig.client()) {
      Grant writing = (Grant) session.reserve(ObjectKey.of("w"), 100);
      keys = put("k", 2);
      rig.device(3);

      Reply done = rig.remove(source, "migrate", true);

      assertThat(done.status()).as(done.text()).isEqualTo(200);
      assertThat(session.commit(List.of(writing.token()))).containsExactly(false);
      assertThat(keys).allMatch(rig::has);
      Reply early = rig.add(source, 3);
      assertThat(early.status()).isEqualTo(409);
      assertThat(early.json().get("error").asString())
          .isEqualTo("device may still be written to by a client that was disconnected");
      assertThat(early.json().get("retry_after_seconds").asInt()).isPositive();
    }
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              rig.store.sweepLeases();
              return rig.add(source, 3).status() == 200;
            });
  }

  @Test
  void shrinkForce_clientMayStillWrite_partIsQuarantined() {
    Path device = rig.device(4);
    try (Session session = rig.client()) {
      List<Grant> writing =
          IntStream.range(0, 4)
              .mapToObj(i -> (Grant) session.reserve(ObjectKey.of("w" + i), 100))
              .toList();

      Reply done = rig.resize(device, 2, "migrate", true);

      assertThat(done.status()).as(done.text()).isEqualTo(200);
      assertThat(session.commit(List.of(writing.getLast().token()))).containsExactly(false);
      assertThat(rig.resize(device, 2, "migrate", false).status()).isEqualTo(200);
      Reply early = rig.resize(device, 4, "migrate", false);
      assertThat(early.status()).isEqualTo(409);
      assertThat(early.json().get("error").asString())
          .isEqualTo("device may still be written to by a client that was disconnected");
      assertThat(early.json().get("retry_after_seconds").asInt()).isPositive();
      assertThat(rig.state(device)).isEqualTo("active");
    }
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              rig.store.sweepLeases();
              return rig.resize(device, 4, "migrate", false).status() == 200;
            });
    assertThat(put("k", 4)).allMatch(rig::has);
  }

  @Test
  void stop_whileARemovalWaits_answersAndGoesBack(@TempDir Path other) {
    try (DaxRig stopping = new DaxRig(other);
        Session session = stopping.client()) {
      Path source = stopping.device(2);
      Grant held = (Grant) session.reserve(ObjectKey.of("w"), 1);
      assertThat(held.deviceId()).isZero();
      CompletableFuture<Reply> removal =
          CompletableFuture.supplyAsync(() -> stopping.remove(source, "migrate", false));
      Awaitility.await().atMost(SOON).until(() -> stopping.state(source).equals("migrating"));

      stopping.context().close();

      Reply reply = removal.join();
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.error()).isEqualTo("service is stopping");
      assertThat(stopping.registry.devices().getFirst().state().wireName()).isEqualTo("active");
      SlotStoreInvariants.check(stopping.store);
    }
  }
}
