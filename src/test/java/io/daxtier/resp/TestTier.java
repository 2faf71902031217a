package io.daxtier.resp;

import io.daxtier.device.DaxDevice;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.SlotStore;
import io.daxtier.slot.SlotStoreOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A tier on file-backed devices that serves RESP on a free port. */
final class TestTier implements AutoCloseable {

  /** What the server told its observer. */
  record Observed(Operation operation, Outcome outcome, long nanos, long bytes) {}

  private static final Duration GRACE = Duration.ofSeconds(10);

  final Path folder;
  final DaxDeviceRegistry registry = new DaxDeviceRegistry();
  final SlotStore store;
  final RespServer server;
  final List<Observed> observed = new CopyOnWriteArrayList<>();
  final boolean observing;

  /** What a test may choose; the defaults are those of the service. */
  static final class Builder {
    private long slotBytes = 1 << 20;
    private int slots = 64;
    private int devices = 1;
    private boolean evict;
    private boolean observing;
    private Duration existsGrace = Duration.ofSeconds(10);
    private Duration lockTimeout = Duration.ofMinutes(5);
    private Duration quarantine = Duration.ofMinutes(1);
    private ArgumentBudget argumentBudget = ArgumentBudget.ofHeap();
    private UnaryOperator<RespOptions> options = o -> o;

    Builder slotBytes(long value) {
      slotBytes = value;
      return this;
    }

    Builder slots(int value) {
      slots = value;
      return this;
    }

    Builder devices(int value) {
      devices = value;
      return this;
    }

    Builder evicting() {
      evict = true;
      return this;
    }

    Builder observing() {
      observing = true;
      return this;
    }

    Builder existsGrace(Duration value) {
      existsGrace = value;
      return this;
    }

    Builder lockTimeout(Duration value) {
      lockTimeout = value;
      return this;
    }

    Builder quarantine(Duration value) {
      quarantine = value;
      return this;
    }

    Builder argumentBudget(ArgumentBudget value) {
      argumentBudget = value;
      return this;
    }

    Builder options(UnaryOperator<RespOptions> change) {
      UnaryOperator<RespOptions> before = options;
      options = o -> change.apply(before.apply(o));
      return this;
    }

    Builder host(String host) {
      return options(
          o ->
              with(
                  o,
                  new RespOptions.Listen(host, 0, o.listen().unixSocket()),
                  o.credentials(),
                  o.limits()));
    }

    Builder unixSocket(Path path) {
      return options(
          o -> with(o, new RespOptions.Listen("127.0.0.1", 0, path), o.credentials(), o.limits()));
    }

    Builder shareDevices() {
      return options(
          o ->
              new RespOptions(
                  o.listen(), o.credentials(), true, o.limits(), o.workers(), o.transferTimeout()));
    }

    Builder credentials(@Nullable String username, String password) {
      return options(
          o -> with(o, o.listen(), new RespOptions.Credentials(username, password), o.limits()));
    }

    Builder limits(RespOptions.Limits limits) {
      return options(o -> with(o, o.listen(), o.credentials(), limits));
    }

    Builder workers(int store, int lookup, int load) {
      return options(
          o ->
              new RespOptions(
                  o.listen(),
                  o.credentials(),
                  o.shareDevices(),
                  o.limits(),
                  new RespOptions.Workers(store, lookup, load),
                  o.transferTimeout()));
    }

    Builder transferTimeout(Duration timeout) {
      return options(
          o ->
              new RespOptions(
                  o.listen(), o.credentials(), o.shareDevices(), o.limits(), o.workers(), timeout));
    }

    TestTier start() throws IOException {
      return new TestTier(this);
    }
  }

  static Builder builder() {
    return new Builder();
  }

  private TestTier(Builder builder) throws IOException {
    folder = Files.createTempDirectory("daxtier-resp");
    observing = builder.observing;
    store =
        new SlotStore(
            new SlotStoreOptions(
                builder.slotBytes,
                builder.evict,
                builder.existsGrace,
                builder.lockTimeout,
                builder.quarantine),
            System::nanoTime);
    for (int i = 0; i < builder.devices; i++) {
      addDevice(i, builder.slotBytes * builder.slots);
    }
    RespOptions defaults =
        new RespOptions(
            new RespOptions.Listen("127.0.0.1", 0, null),
            null,
            false,
            new RespOptions.Limits(1024, 1_048_576, 1024, 536_870_912, 65_536),
            new RespOptions.Workers(1, 1, 2),
            Duration.ofSeconds(30));
    server =
        new RespServer(
            store,
            registry,
            builder.options.apply(defaults),
            this::observe,
            builder.argumentBudget,
            System::nanoTime);
    server.start();
  }

  DaxDevice addDevice(int number, long sizeBytes) throws IOException {
    Path file = devicePath(number);
    try (RandomAccessFile created = new RandomAccessFile(file.toFile(), "rw")) {
      created.setLength(sizeBytes);
    }
    DaxDevice device = registry.add(file, sizeBytes);
    store.attach(device);
    return device;
  }

  Path devicePath(int number) {
    return folder.resolve("device" + number);
  }

  int port() {
    return server.port();
  }

  RespPeer connect() throws IOException {
    return RespPeer.tcp(server.port());
  }

  private void observe(Operation operation, Outcome outcome, long nanos, long bytes) {
    if (observing) {
      observed.add(new Observed(operation, outcome, nanos, bytes));
    }
  }

  private static RespOptions with(
      RespOptions o,
      RespOptions.Listen listen,
      RespOptions.@Nullable Credentials credentials,
      RespOptions.Limits limits) {
    return new RespOptions(
        listen, credentials, o.shareDevices(), limits, o.workers(), o.transferTimeout());
  }

  @Override
  public void close() throws IOException {
    server.stop(GRACE);
    registry.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
