package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.daxtier.resp.RespOptions.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listening, who and how many are served, and the end of the data plane, on real sockets. */
@Timeout(120)
class RespServerIT {

  private static final int SLOT_BYTES = 3 << 20;

  @TempDir private Path folder;

  @Test
  void connectionsBeyondTheLimit_areToldAndClosed() throws IOException {
    Limits limits = new Limits(2, 100, 100, 1000, 100);
    try (TestTier tier = TestTier.builder().limits(limits).start();
        RespPeer first = tier.connect();
        RespPeer second = tier.connect()) {
      assertThat(first.ask("PING") + second.ask("PING")).isEqualTo("+PONG\r\n+PONG\r\n");
      try (RespPeer third = tier.connect()) {
        assertThat(third.readToEnd()).isEqualTo("-ERR max number of clients reached\r\n");
      }
      assertThat(tier.server.snapshot().rejected()).isOne();
      assertThat(tier.server.snapshot().connections()).isEqualTo(2);
      second.channel().close();
      await().until(() -> tier.server.snapshot().connections() == 1);
      try (RespPeer fourth = tier.connect()) {
        assertThat(fourth.ask("PING")).isEqualTo("+PONG\r\n");
      }
    }
  }

  @Test
  void refusedConnections_areALineAMinute() throws IOException {
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler = new LineHandler(lines);
    Logger logger = Logger.getLogger(Listener.class.getName());
    logger.addHandler(handler);
    try (TestTier tier = TestTier.builder().limits(new Limits(1, 100, 100, 1000, 100)).start();
        RespPeer first = tier.connect()) {
      assertThat(first.ask("PING")).isEqualTo("+PONG\r\n");
      for (int i = 0; i < 3; i++) {
        try (RespPeer next = tier.connect()) {
          assertThat(next.readToEnd()).startsWith("-ERR max number");
        }
      }
      assertThat(tier.server.snapshot().rejected()).isEqualTo(3);
      assertThat(lines)
          .singleElement(STRING)
          .endsWith(" refused: ERR max number of clients reached (1 so far)");
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void fullTier_refusesInStepAndGoesOn() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(1000).slots(2).start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("SET", "a", "1") + peer.ask("SET", "b", "2")).isEqualTo("+OK\r\n+OK\r\n");
      String oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
      assertThat(peer.ask("SET", "c", "v".repeat(1000))).isEqualTo(oom);
      assertThat(peer.ask("SET", "a", "3")).as("needs a slot of its own").isEqualTo(oom);
      assertThat(peer.ask("GET", "a")).isEqualTo("$1\r\n1\r\n");
      assertThat(peer.ask("DEL", "a")).isEqualTo(":1\r\n");
      assertThat(peer.ask("SET", "c", "3")).isEqualTo("+OK\r\n");
    }
  }

  @Test
  void refusedOptions_leaveTheOldValueAndNoSlotBehind() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.ask("SET", "k", "old");
      for (String option : List.of("KEEPTTL", "GET", "EXAT", "PXAT")) {
        assertThat(peer.ask("SET", "k", "new", option))
            .isEqualTo("-ERR SET option " + option + " is not supported\r\n");
      }
      assertThat(peer.ask("SET", "k", "new", "NX")).isEqualTo("$-1\r\n");
      assertThat(peer.ask("GET", "k")).isEqualTo("$3\r\nold\r\n");
      assertThat(tier.store.usage().used()).isOne();
    }
  }

  @Test
  void username_isNeededWhereOneIsSet() throws IOException {
    try (TestTier tier = TestTier.builder().credentials("app", "secret").start();
        RespPeer peer = tier.connect()) {
      String wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
      assertThat(peer.ask("AUTH", "secret")).isEqualTo(wrong);
      assertThat(peer.ask("AUTH", "default", "secret")).isEqualTo(wrong);
      assertThat(peer.ask("AUTH", "app", "wrong")).isEqualTo(wrong);
      assertThat(peer.ask("GET", "k")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(peer.ask("AUTH", "app", "secret")).isEqualTo("+OK\r\n");
      assertThat(peer.ask("GET", "k")).isEqualTo("$-1\r\n");
      assertThat(peer.ask("HELLO", "3", "AUTH", "app", "secret")).startsWith("%7\r\n");
      assertThat(peer.ask("GET", "k")).isEqualTo("_\r\n");
    }
  }

  @Test
  void portInUse_stopsTheStartWithASentence() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TestTier.Builder builder =
          TestTier.builder()
              .options(
                  o ->
                      new RespOptions(
                          new RespOptions.Listen("127.0.0.1", taken.getLocalPort(), null),
                          o.credentials(),
                          o.shareDevices(),
                          o.limits(),
                          o.workers(),
                          o.transferTimeout()));
      assertThatThrownBy(builder::start)
          .isInstanceOf(RespException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("dax.resp.port");
    }
  }

  @Test
  void unixSocketFile_belongsToOwnerAndGroupAndGoesAtTheEnd() throws IOException {
    Path socket = folder.resolve("resp.sock");
    try (TestTier tier = TestTier.builder().unixSocket(socket).start()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-rw----");
      assertThatThrownBy(() -> TestTier.builder().unixSocket(socket).start())
          .isInstanceOf(RespException.class)
          .hasMessageContaining("in use");
      try (RespPeer peer = RespPeer.unix(socket)) {
        assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      }
      assertThat(tier.server.port()).isPositive();
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void unixSocketFile_leftBehind_isReplaced_andOtherFilesAreNot() throws IOException {
    Path socket = folder.resolve("resp.sock");
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    try (TestTier tier = TestTier.builder().unixSocket(socket).start();
        RespPeer peer = RespPeer.unix(socket)) {
      assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(tier.server.snapshot().connections()).isOne();
    }
    Files.writeString(socket, "precious");
    assertThatThrownBy(() -> TestTier.builder().unixSocket(socket).start())
        .isInstanceOf(RespException.class)
        .hasMessageContaining("is not a socket");
    assertThat(socket).hasContent("precious");
  }

  @Test
  void unixSocketFile_pipeInItsPlace_isLeftAlone() throws Exception {
    Path pipe = folder.resolve("resp.sock");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> TestTier.builder().unixSocket(pipe).start())
        .isInstanceOf(RespException.class)
        .hasMessageContaining("is not a socket");
    assertThat(pipe).exists();
  }

  @Test
  void stop_letsTheRunningTransferEnd() throws IOException, InterruptedException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(4).start();
        RespPeer storing = tier.connect();
        RespPeer idle = tier.connect()) {
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
      byte[] frame =
          RespPeer.frame(RespPeer.bytes("SET"), RespPeer.bytes("k"), new byte[SLOT_BYTES]);
      storing.send(Arrays.copyOf(frame, frame.length / 2));
      await().until(() -> tier.store.usage().reserved() == 1);
      Thread stopper = Thread.ofPlatform().start(() -> tier.server.stop(Duration.ofSeconds(30)));
      assertThat(idle.readToEnd()).as("closed at once").isEmpty();
      assertThat(stopper.isAlive()).isTrue();
      // the kernel listens until the acceptor has woken up
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> tier.connect().close()).isInstanceOf(IOException.class));
      storing.send(Arrays.copyOfRange(frame, frame.length / 2, frame.length));
      assertThat(storing.readToEnd()).isEqualTo("+OK\r\n");
      stopper.join();
      assertThat(tier.store.usage().committed()).isOne();
    }
  }

  @Test
  void stop_cutsWhatDoesNotEndWithinTheGrace() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(4).start();
        RespPeer storing = tier.connect()) {
      storing.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nabc");
      await().until(() -> tier.store.usage().reserved() == 1);
      tier.server.stop(Duration.ofMillis(50));
      assertThat(storing.readToEnd()).isEmpty();
      assertThat(tier.store.usage().used()).isZero();
      assertThat(tier.server.snapshot().connections()).isZero();
    }
  }

  @Test
  void start_afterStop_servesAgain() throws IOException {
    try (TestTier tier = TestTier.builder().start()) {
      try (RespPeer peer = tier.connect()) {
        peer.ask("SET", "k", "v");
      }
      tier.server.stop(Duration.ofSeconds(5));
      tier.server.stop(Duration.ofSeconds(5));
      tier.server.start();
      try (RespPeer peer = tier.connect()) {
        assertThat(peer.ask("GET", "k")).isEqualTo("$1\r\nv\r\n");
      }
      assertThatThrownBy(tier.server::start).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void observer_isToldOfEveryOutcome() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(1000).slots(1).observing().start();
        RespPeer peer = tier.connect()) {
      peer.ask("SET", "k", "12345");
      peer.ask("SET", "l", "x");
      peer.ask("SET", "l", "x".repeat(1001));
      peer.ask("GET", "k");
      peer.ask("GET", "none");
      peer.ask("EXISTS", "k", "none");
      List<String> seen = new ArrayList<>();
      for (TestTier.Observed o : tier.observed) {
        assertThat(o.nanos()).isNotNegative();
        seen.add(o.operation() + " " + o.outcome() + " " + o.bytes());
      }
      assertThat(seen)
          .containsExactly(
              "STORE STORED 5",
              "STORE FULL 0",
              "STORE TOO_LARGE 0",
              "LOAD HIT 5",
              "LOAD MISS 0",
              "LOOKUP HIT 0",
              "LOOKUP MISS 0");
    }
  }

  @Test
  void info_countsTheObjectsThatExpire() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.ask("SET", "a", "v", "EX", "100");
      peer.ask("SET", "b", "v");
      assertThat(peer.ask("INFO", "keyspace")).contains("db0:keys=2,expires=1,avg_ttl=0");
      peer.ask("PERSIST", "a");
      assertThat(peer.ask("INFO", "keyspace")).contains("db0:keys=2,expires=0,avg_ttl=0");
    }
  }

  @Test
  void clientList_showsAllConnections() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer one = tier.connect();
        RespPeer two = tier.connect()) {
      one.ask("CLIENT", "SETNAME", "first");
      two.ask("CLIENT", "SETINFO", "LIB-NAME", "lib");
      assertThat(two.ask("CLIENT", "LIST"))
          .contains("name=first", "lib-name=lib", "cmd=client|list", "resp=2");
      String id = one.ask("CLIENT", "ID").strip().substring(1);
      assertThat(one.ask("CLIENT", "INFO")).contains("id=" + id + " ");
    }
  }

  /** Keeps what is logged. */
  private static final class LineHandler extends Handler {

    private final List<String> lines;

    LineHandler(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void publish(LogRecord line) {
      lines.add(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
