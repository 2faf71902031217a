package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.reconfigure.ControlClient;
import io.daxtier.reconfigure.ControlClient.Reply;
import io.daxtier.reconfigure.OperatorOptions;
import io.daxtier.slot.Borrow;
import io.daxtier.slot.CommitResult;
import io.daxtier.slot.Grant;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.Session;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.SlotStoreInvariants;
import io.daxtier.slot.SlotStoreOptions;
import io.daxtier.slot.StoreMode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import tools.jackson.databind.JsonNode;

/**
 * The control plane over a store with no devices, and files to add as devices: operators come over
 * HTTP, clients come straight to the store. Objects hold bytes that follow from their key.
 */
final class DaxRig implements AutoCloseable {

  static final int SLOT = 64 * 1024;
  static final Duration DRAIN_TIMEOUT = Duration.ofMillis(400);

  final ControlClient http;
  final SlotStore store;
  final DaxDeviceRegistry registry;
  private final Path folder;
  private final ConfigurableApplicationContext context;
  private int files;

  /** What differs between rigs. */
  record Options(boolean hotplug, Duration quarantine, List<Path> startDevices) {

    static final Options DEFAULT = new Options(true, Duration.ofMinutes(1), List.of());
  }

  /** No component, so that the scan of the real application passes it by. */
  @EnableAutoConfiguration
  @ComponentScan("io.daxtier.reconfigure")
  static class Application {}

  DaxRig(Path folder) {
    this(folder, Options.DEFAULT);
  }

  /** A rig that allows {@code dax*} in a folder. */
  DaxRig(Path folder, Options options) {
    this.folder = folder;
    this.registry = new DaxDeviceRegistry();
    this.store =
        new SlotStore(
            new SlotStoreOptions(
                SLOT, false, Duration.ofSeconds(10), Duration.ofMinutes(5), options.quarantine()),
            System::nanoTime);
    HotplugOptions hotplug =
        new HotplugOptions(
            options.hotplug(), List.of(folder + "/dax*"), options.startDevices(), DRAIN_TIMEOUT);
    this.context =
        new SpringApplicationBuilder(Application.class)
            .initializers(
                c -> {
                  c.getBeanFactory().registerSingleton("registry", registry);
                  c.getBeanFactory().registerSingleton("store", store);
                  c.getBeanFactory().registerSingleton("hotplugOptions", hotplug);
                  c.getBeanFactory()
                      .registerSingleton("operatorOptions", new OperatorOptions(null));
                })
            .run("--server.port=0", "--spring.main.banner-mode=off");
    this.http =
        new ControlClient(
            "127.0.0.1",
            context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
  }

  ConfigurableApplicationContext context() {
    return context;
  }

  /** A file of that many slots, not yet a device. */
  Path file(int slots) {
    Path file = folder.resolve("dax" + files++);
    setLength(file, (long) slots * SLOT);
    return file;
  }

  /** A device of that many slots, added over HTTP. */
  Path device(int slots) {
    Path file = file(slots);
    assertThat(add(file, slots).status()).isEqualTo(200);
    return file;
  }

  /** Loses all pages of a device's file. */
  static void loseBytes(Path file) {
    setLength(file, 0);
  }

  static void setLength(Path file, long lengthBytes) {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(lengthBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Reply add(Path path, int slots) {
    return http.post(
        "/reconfigure/dax/add",
        Map.of("device_path", path.toString(), "size", (long) slots * SLOT));
  }

  Reply remove(Path path, String mode, boolean force) {
    return http.post(
        "/reconfigure/dax/remove",
        Map.of("device_path", path.toString(), "mode", mode, "force", force));
  }

  Reply resize(Path path, int slots, String mode, boolean force) {
    return http.post(
        "/reconfigure/dax/resize",
        Map.of(
            "device_path",
            path.toString(),
            "size",
            (long) slots * SLOT,
            "mode",
            mode,
            "force",
            force));
  }

  JsonNode status() {
    Reply reply = http.get("/reconfigure/dax/status");
    assertThat(reply.status()).isEqualTo(200);
    return reply.json().at("/adapters/0/status");
  }

  /** The status of the device that was added last under a path. */
  JsonNode status(Path path) {
    JsonNode found = null;
    for (JsonNode device : status().get("devices")) {
      if (device.get("device_path").asString().equals(path.toString())) {
        found = device;
      }
    }
    return Objects.requireNonNull(found, () -> "device " + path);
  }

  String state(Path path) {
    return status(path).get("state").asString();
  }

  int live(Path path) {
    return status(path).get("live_slot_count").asInt();
  }

  Session client() {
    return store.openSession("test", OptionalLong.empty(), () -> {});
  }

  /** Stores a whole slot as a SET does; whether there was room. */
  boolean put(String key) {
    return put(key, SLOT, StoreMode.REPLACE);
  }

  boolean put(String key, int length, StoreMode mode) {
    try (Session session = client()) {
      if (!(store.reserve(session, ObjectKey.of(key), length) instanceof Reservation reservation)) {
        return false;
      }
      try (reservation) {
        reservation.buffer(0, length).put(bytes(key, length));
        CommitResult result = reservation.commit(mode, null);
        return result == CommitResult.STORED || result == CommitResult.KEPT;
      }
    }
  }

  /** Whether an object is there; if so its bytes are the ones it was stored with. */
  boolean has(String key) {
    try (Session session = client();
        Borrow borrow = store.borrow(session, ObjectKey.of(key))) {
      if (borrow == null) {
        return false;
      }
      byte[] read = new byte[(int) borrow.length()];
      borrow.buffer(0, read.length).get(read);
      assertThat(ByteBuffer.wrap(read))
          .as("bytes of %s", key)
          .isEqualTo(ByteBuffer.wrap(bytes(key, read.length)));
      store.loaded(List.of(borrow));
      return true;
    }
  }

  /** Which device an object lies on. */
  Path home(String key) {
    try (Session session = client();
        Borrow borrow = store.borrow(session, ObjectKey.of(key))) {
      return Objects.requireNonNull(borrow, () -> "object " + key).device().path();
    }
  }

  /** A lock on an object that is there. */
  static Grant lookup(Session session, String key) {
    return Objects.requireNonNull(session.lookup(ObjectKey.of(key)), () -> "lookup of " + key);
  }

  /** Gives a lock back, which was still good. */
  static void unlock(Session session, Grant grant) {
    assertThat(session.unlock(List.of(grant.token()))).containsExactly(true);
  }

  /** What is answered when locks or transfers are in the way. */
  static void assertBlocked(Reply reply, int locked, int borrowed, int sessions) {
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.json().propertyNames())
        .containsExactly("status", "reason", "locked_key_count", "borrowed_slot_count", "sessions");
    assertThat(reply.json().get("status").asString()).isEqualTo("blocked");
    assertThat(reply.json().get("reason").asString())
        .isEqualTo("device has externally locked or borrowed slots");
    assertThat(reply.json().get("locked_key_count").asInt()).isEqualTo(locked);
    assertThat(reply.json().get("borrowed_slot_count").asInt()).isEqualTo(borrowed);
    assertThat(reply.json().get("sessions").size()).isEqualTo(sessions);
  }

  private static byte[] bytes(String key, int length) {
    byte[] bytes = new byte[length];
    new Random(key.hashCode()).nextBytes(bytes);
    return bytes;
  }

  /** Takes all devices out, and sees that nothing is left over. */
  void clear() {
    for (JsonNode device : status().get("devices")) {
      String state = device.get("state").asString();
      if (!state.equals("removed")) {
        Path path = Path.of(device.get("device_path").asString());
        assertThat(remove(path, "evict", true).status()).as("%s %s", path, state).isEqualTo(200);
      }
    }
    SlotStoreInvariants.checkIdle(store);
    assertThat(store.objectCount()).isZero();
    assertThat(status().get("total_capacity_bytes").asLong()).isZero();
  }

  @Override
  public void close() {
    context.close();
    registry.close();
  }
}
