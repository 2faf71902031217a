package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.daxtier.resp.RespOptions.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listening, limits, frames and the end of the data plane, on real sockets. */
@Timeout(120)
class RespServerIT {

  private static final int SLOT_BYTES = 3 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_383, 16_384, 1 << 20, (2 << 20) + 77, SLOT_BYTES})
  void value_comesBackAsItWas(int length) throws IOException {
    byte[] value = random(length);
    Path socket = folder.resolve("resp.sock");
    try (TestTier tier =
            TestTier.builder().slotBytes(SLOT_BYTES).slots(4).unixSocket(socket).start();
        RespPeer tcp = tier.connect();
        RespPeer unix = RespPeer.unix(socket)) {
      assertThat(set(tcp, "k", value)).isEqualTo("+OK\r\n");
      assertThat(get(unix, "k", length)).isEqualTo(value);
      assertThat(set(unix, "l", value)).isEqualTo("+OK\r\n");
      assertThat(get(tcp, "l", length)).isEqualTo(value);
      tcp.command("MGET", "k", "none", "l");
      assertThat(tcp.readLine()).isEqualTo("*3");
      assertThat(tcp.readLine()).isEqualTo("$" + length);
      assertThat(tcp.read(length)).isEqualTo(value);
      assertThat(tcp.readText(2 + 5)).isEqualTo("\r\n$-1\r\n");
      assertThat(tcp.readLine()).isEqualTo("$" + length);
      assertThat(tcp.read(length)).isEqualTo(value);
      assertThat(tcp.readText(2)).isEqualTo("\r\n");
      assertThat(tcp.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void frame_inSmallPieces_isUnderstood() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      byte[] frame =
          RespPeer.frame(
              RespPeer.bytes("SET"),
              RespPeer.bytes("k"),
              RespPeer.bytes("a\r\nb"),
              RespPeer.bytes("EX"),
              RespPeer.bytes("100"));
      for (byte b : frame) {
        peer.send(new byte[] {b});
      }
      assertThat(peer.reply()).isEqualTo("+OK\r\n");
      assertThat(peer.ask("GET", "k")).isEqualTo("$4\r\na\r\nb\r\n");
      assertThat(peer.ask("TTL", "k")).isEqualTo(":100\r\n");
    }
  }

  @Test
  void pipeline_isAnsweredInOrder() throws IOException {
    try (TestTier tier = TestTier.builder().slots(16).evicting().start();
        RespPeer peer = tier.connect()) {
      StringBuilder all = new StringBuilder();
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < 2000; i++) {
        String value = "v".repeat(i % 40) + i;
        all.append("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$").append(value.length()).append("\r\n");
        all.append(value)
            .append("\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nECHO ")
            .append(i)
            .append("\r\n");
        expected.append("+OK\r\n$").append(value.length()).append("\r\n").append(value);
        expected.append("\r\n$").append(Integer.toString(i).length()).append("\r\n").append(i);
        expected.append("\r\n");
      }
      Thread sender = Thread.ofVirtual().start(() -> sendAll(peer, all.toString()));
      assertThat(peer.readText(expected.length())).isEqualTo(expected.toString());
      join(sender);
    }
  }

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
  void keyBeyondTheLimit_isRefusedInStep() throws IOException {
    String longest = "k".repeat(1024);
    String tooLong = longest + "k";
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("SET", longest, "v")).isEqualTo("+OK\r\n");
      assertThat(peer.ask("GET", longest)).isEqualTo("$1\r\nv\r\n");
      String error = "-ERR key is too long: 1025 bytes, the limit is 1024\r\n";
      for (String command :
          List.of(
              "GET", "EXISTS", "DEL", "UNLINK", "MGET", "STRLEN", "TYPE", "TTL", "PTTL",
              "PERSIST")) {
        assertThat(peer.ask(command, tooLong)).as(command).isEqualTo(error);
      }
      assertThat(peer.ask("SET", tooLong, "v".repeat(100_000))).isEqualTo(error);
      assertThat(peer.ask("EXPIRE", tooLong, "1")).isEqualTo(error);
      assertThat(peer.ask("EXISTS", longest, tooLong)).isEqualTo(error);
      assertThat(peer.ask("GET", "k".repeat(200_000)))
          .isEqualTo("-ERR a word of 200000 bytes is too long, the limit is 65536\r\n");
      assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void valueBeyondTheSlot_isRefusedInStep() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(1000).start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("SET", "k", "v".repeat(1000))).isEqualTo("+OK\r\n");
      assertThat(peer.ask("SET", "k", "v".repeat(5_000_000)))
          .isEqualTo("-ERR value is too large: 5000000 bytes, a slot holds 1000\r\n");
      assertThat(peer.ask("STRLEN", "k")).isEqualTo(":1000\r\n");
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

  /** What is no frame is answered, closed, and holds nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1048577\r\n",
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$-1\r\n",
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870913\r\n",
        "*2\r\n$3\r\nGET\r\n$1\r\nkkkk\r\n",
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nvvvv\r\n",
        "*1\r\n$99999999999999999999\r\n",
        "*1\n$4\n",
        "*1\r\n+PING\r\n",
        "*\r\n",
        "*-\r\n",
        "*1\r\n$\r\n"
      })
  void malformedFrame_isAnsweredAndClosed(String frame) throws IOException {
    try (TestTier tier = TestTier.builder().start()) {
      try (RespPeer peer = tier.connect()) {
        peer.send(frame);
        assertThat(peer.readToEnd()).startsWith("-ERR Protocol error: ").endsWith("\r\n");
      }
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.usage().used()).isZero();
    }
  }

  @Test
  void randomBytes_neverHarm() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "*$:+-0123456789\r\n SETGEk\"'\\x\u0000";
    try (TestTier tier = TestTier.builder().start()) {
      for (int i = 0; i < 300; i++) {
        try (RespPeer peer = tier.connect()) {
          StringBuilder text = new StringBuilder();
          for (int j = random.nextInt(200); j > 0; j--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
          peer.send(text.toString());
          peer.channel().shutdownOutput();
          peer.readToEnd();
        }
      }
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.usage().reserved()).as("seed " + seed).isZero();
      try (RespPeer peer = tier.connect()) {
        assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      }
    }
  }

  @Test
  void inlineLineBeyondTheLimit_isRefused() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.send("ECHO " + "x".repeat(70_000));
      assertThat(peer.readToEnd()).isEqualTo("-ERR Protocol error: too big inline request\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nSET a b\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a b\r\n"
      })
  void browser_isShutOut(String request) throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.send(request);
      assertThat(peer.readToEnd()).doesNotContain("+OK");
      assertThat(tier.store.objectCount()).isZero();
    }
  }

  @Test
  void manyArguments_areServed() throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.ask("SET", "k", "v");
      String[] words = new String[100_001];
      Arrays.fill(words, "k");
      words[0] = "EXISTS";
      assertThat(peer.ask(words)).isEqualTo(":100000\r\n");
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
  void stop_letsTheRunningTransferEnd() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(4).start();
        RespPeer storing = tier.connect();
        RespPeer idle = tier.connect()) {
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
      byte[] frame = RespPeer.frame(RespPeer.bytes("SET"), RespPeer.bytes("k"), random(SLOT_BYTES));
      storing.send(Arrays.copyOf(frame, frame.length / 2));
      await().until(() -> tier.store.usage().reserved() == 1);
      Thread stopper = Thread.ofPlatform().start(() -> tier.server.stop(Duration.ofSeconds(30)));
      assertThat(idle.readToEnd()).as("closed at once").isEmpty();
      assertThat(stopper.isAlive()).isTrue();
      assertThatThrownBy(tier::connect).isInstanceOf(IOException.class);
      storing.send(Arrays.copyOfRange(frame, frame.length / 2, frame.length));
      assertThat(storing.readToEnd()).isEqualTo("+OK\r\n");
      join(stopper);
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

  private static String set(RespPeer peer, String key, byte[] value) throws IOException {
    return peer.command(RespPeer.bytes("SET"), RespPeer.bytes(key), value).reply();
  }

  private static byte[] get(RespPeer peer, String key, int length) throws IOException {
    peer.command("GET", key);
    assertThat(peer.readLine()).isEqualTo("$" + length);
    byte[] value = peer.read(length);
    assertThat(peer.readText(2)).isEqualTo("\r\n");
    return value;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static void sendAll(RespPeer peer, String text) {
    try {
      peer.send(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
