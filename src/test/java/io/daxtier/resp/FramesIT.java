package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a frame, what is none, and how long its parts may be, on real sockets. */
@Timeout(120)
class FramesIT {

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
  void pipeline_isAnsweredInOrder() throws IOException, InterruptedException {
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
      sender.join();
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
  void wordsBehindAValueBeyondTheBudget_areRefusedInStep() throws IOException {
    try (TestTier tier = TestTier.builder().argumentBudget(new ArgumentBudget(0)).start();
        RespPeer peer = tier.connect()) {
      String[] words = new String[100];
      Arrays.fill(words, "NX");
      words[0] = "SET";
      assertThat(peer.ask(words)).startsWith("-ERR command is too large");
      assertThat(peer.ask("EXISTS", "NX")).isEqualTo(":0\r\n");
      assertThat(tier.store.usage().reserved()).isZero();
    }
  }

  @Test
  void largeCommand_givesItsMemoryBackWhenItIsDone() throws IOException {
    ArgumentBudget budget = new ArgumentBudget(100_000);
    try (TestTier tier = TestTier.builder().argumentBudget(budget).start();
        RespPeer peer = tier.connect()) {
      String[] words = new String[1000];
      Arrays.fill(words, "some key");
      words[0] = "EXISTS";
      assertThat(peer.ask(words)).isEqualTo(":0\r\n");
      assertThat(budget.leftBytes()).as("while the connection is idle").isEqualTo(100_000);
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
}
