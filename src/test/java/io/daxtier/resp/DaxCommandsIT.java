package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.daxtier.device.DaxDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast path's commands, over TCP, in RESP2 and RESP3. */
@Timeout(120)
class DaxCommandsIT {

  private static final int SLOT_BYTES = 4096;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void roundTrip(int version) throws IOException {
    try (TestTier tier = tier();
        RespPeer peer = tier.connect()) {
      peer.ask("HELLO", Integer.toString(version));
      String nil = version == 3 ? "_\r\n" : "$-1\r\n";
      DaxDevice device = tier.registry.devices().getFirst();
      assertThat(peer.ask("DAX.INFO"))
          .isEqualTo(
              "*3\r\n"
                  + bulk(tier.store.epoch())
                  + ":4096\r\n*1\r\n*4\r\n:"
                  + device.id()
                  + "\r\n"
                  + bulk(device.path().toString())
                  + ":"
                  + device.sizeBytes()
                  + "\r\n"
                  + bulk("active"));
      String[] reserved = lines(peer.ask("DAX.RESERVE", "a", "3", "b", "4096"));
      assertThat(reserved).hasSize(1 + 2 * 5);
      write(device, offset(reserved, 1), "one");
      String tokenA = reserved[5];
      String tokenB = reserved[10];
      assertThat(peer.ask("EXISTS", "a")).as("not before its commit").isEqualTo(":0\r\n");
      assertThat(peer.ask("DAX.COMMIT", tokenA, "nonsense")).isEqualTo("*2\r\n:1\r\n:0\r\n");
      assertThat(peer.ask("DAX.COMMIT", tokenA)).as("good once").isEqualTo("*1\r\n:0\r\n");
      assertThat(peer.ask("DAX.ABORT", tokenB, tokenB)).isEqualTo("*2\r\n:1\r\n:0\r\n");
      assertThat(peer.ask("GET", "a")).isEqualTo("$3\r\none\r\n");
      assertThat(peer.ask("DAX.RESERVE", "a", "3")).isEqualTo("*1\r\n+EXISTS\r\n");

      String found = peer.ask("DAX.LOOKUP", "a", "none");
      assertThat(found).startsWith("*2\r\n*4\r\n").endsWith(nil);
      String lock = lines(found)[6];
      assertThat(peer.ask("DAX.DEL", "a", "none")).as("locked").isEqualTo("*2\r\n:0\r\n:0\r\n");
      assertThat(peer.ask("DAX.RENEW", lock, "x")).isEqualTo("*2\r\n:1\r\n:0\r\n");
      assertThat(peer.ask("DAX.SESSIONS")).startsWith("*1\r\n*5\r\n:");
      assertThat(peer.ask("DAX.UNLOCK", lock, lock)).isEqualTo("*2\r\n:1\r\n:0\r\n");
      assertThat(peer.ask("DAX.SESSIONS")).isEqualTo("*0\r\n");
      assertThat(peer.ask("DAX.DEL", "a")).isEqualTo("*1\r\n:1\r\n");
    }
  }

  @Test
  void batch_ofAFullTier_losesItsTailBeforeItsHead() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(3).evicting().start();
        RespPeer peer = tier.connect()) {
      String[] reserved = lines(peer.ask("DAX.RESERVE", "a", "1", "b", "1", "c", "1"));
      assertThat(peer.ask("DAX.COMMIT", reserved[5], reserved[10], reserved[15]))
          .isEqualTo("*3\r\n:1\r\n:1\r\n:1\r\n");
      peer.ask("SET", "x", "1");
      assertThat(peer.ask("MGET", "c", "a")).startsWith("*2\r\n$-1\r\n$1\r\n");
      peer.ask("DAX.RESERVE", "a", "1", "b", "1");
      peer.ask("SET", "x", "2");
      assertThat(peer.ask("STRLEN", "a")).isEqualTo(":1\r\n");
      peer.ask("SET", "y", "1");
      assertThat(peer.ask("STRLEN", "b")).as("told that it exists after a").isEqualTo(":0\r\n");
      assertThat(peer.ask("STRLEN", "a")).isEqualTo(":1\r\n");
    }
  }

  @Test
  void fullTier_answersNil() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(1).start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("DAX.RESERVE", "a", "1", "b", "1"))
          .startsWith("*2\r\n*3\r\n")
          .endsWith("$-1\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DAX.RESERVE a, wrong number of arguments for 'dax.reserve' command",
    "DAX.RESERVE a 1 b, wrong number of arguments for 'dax.reserve' command",
    "DAX.RESERVE a 1 b x, value is not an integer or out of range",
    "DAX.RESERVE a 1 b 4097, 'length must be 0 to 4096: 4097'",
    "DAX.RESERVE a 1 b -1, 'length must be 0 to 4096: -1'",
    "DAX.LOOKUP, wrong number of arguments for 'dax.lookup' command",
    "DAX.INFO x, wrong number of arguments for 'dax.info' command",
    "DAX.MAP, wrong number of arguments for 'dax.map' command",
    "DAX.MAP x, value is not an integer or out of range",
    "DAX.MAP 0 RW, syntax error",
    "DAX.MAP 0, DAX.MAP works on the Unix socket only",
  })
  void wrongCommand_isRefusedAsAWhole(String line, String sentence) throws IOException {
    try (TestTier tier = tier();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask(line.split(" "))).isEqualTo("-ERR " + sentence + "\r\n");
      assertThat(tier.store.usage().reserved()).isZero();
      assertThat(tier.store.locks().locks()).isZero();
    }
  }

  @Test
  void batch_upToTheLimit() throws IOException {
    try (TestTier tier = tier();
        RespPeer peer = tier.connect()) {
      peer.ask("SET", "k", "v");
      String[] words = new String[4097];
      Arrays.fill(words, "k");
      words[0] = "DAX.LOOKUP";
      assertThat(lines(peer.ask(words))).hasSize(1 + 4096 * 6);
      assertThat(tier.store.locks().locks()).isEqualTo(4096);
      String[] tooMany = Arrays.copyOf(words, 4098);
      tooMany[4097] = "k";
      assertThat(peer.ask(tooMany))
          .isEqualTo("-ERR too many in one command: 4097, the limit is 4096\r\n");
      assertThat(tier.store.locks().locks()).isEqualTo(4096);
    }
  }

  @Test
  void tokens_belongToTheirSession() throws IOException {
    try (TestTier tier = tier();
        RespPeer owner = tier.connect();
        RespPeer thief = tier.connect()) {
      owner.ask("SET", "k", "v");
      String lock = lines(owner.ask("DAX.LOOKUP", "k"))[6];
      String reservation = lines(owner.ask("DAX.RESERVE", "n", "1"))[5];
      assertThat(thief.ask("DAX.UNLOCK", lock)).isEqualTo("*1\r\n:0\r\n");
      assertThat(thief.ask("DAX.COMMIT", reservation)).isEqualTo("*1\r\n:0\r\n");
      assertThat(thief.ask("DAX.ABORT", reservation)).isEqualTo("*1\r\n:0\r\n");
      assertThat(thief.ask("DAX.RENEW", lock)).isEqualTo("*1\r\n:0\r\n");
      assertThat(owner.ask("DAX.UNLOCK", reservation)).as("no lock").isEqualTo("*1\r\n:0\r\n");
      assertThat(owner.ask("DAX.UNLOCK", lock)).isEqualTo("*1\r\n:1\r\n");
      assertThat(owner.ask("DAX.COMMIT", reservation)).isEqualTo("*1\r\n:1\r\n");
    }
  }

  @Test
  void connectionThatEnds_leavesNothing() throws IOException {
    try (TestTier tier = tier()) {
      try (RespPeer peer = tier.connect()) {
        peer.ask("SET", "k", "v");
        peer.ask("DAX.LOOKUP", "k", "k");
        peer.ask("DAX.RESERVE", "n", "1");
      }
      await()
          .atMost(1, TimeUnit.SECONDS)
          .until(() -> tier.store.locks().locks() + tier.store.locks().reservations() == 0);
      assertThat(tier.store.usage().used()).isOne();
    }
  }

  @Test
  void sessionEndedByAnOperator_closesItsConnection() throws IOException {
    try (TestTier tier = tier();
        RespPeer peer = tier.connect()) {
      peer.ask("DAX.RESERVE", "n", "1");
      assertThat(tier.store.endSession(tier.store.sessions().getFirst().id())).isTrue();
      assertThat(peer.readToEnd()).isEmpty();
      assertThat(tier.store.usage().used()).as("held back: the client may still write").isOne();
    }
  }

  @Test
  void malformedFrame_leavesReservedSlotsHeldBack() throws IOException {
    try (TestTier tier = tier();
        RespPeer peer = tier.connect()) {
      peer.ask("DAX.RESERVE", "n", "1");
      peer.send("*1\r\n+PING\r\n");
      assertThat(peer.reply()).startsWith("-ERR Protocol error");
      assertThat(peer.readToEnd()).isEmpty();
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.usage().used()).as("the client may still write").isOne();
    }
  }

  @Test
  void map_offUnlessSwitchedOn() throws IOException {
    Path socket = folder.resolve("resp.sock");
    try (TestTier tier = TestTier.builder().unixSocket(socket).start();
        RespPeer peer = RespPeer.unix(socket)) {
      assertThat(peer.ask("DAX.MAP", "0"))
          .isEqualTo("-ERR DAX.MAP is switched off (dax.resp.share-devices)\r\n");
      assertThat(tier.server.snapshot().connections()).isOne();
    }
  }

  @Test
  void map_ofNoDevice_isRefused() throws IOException {
    Path socket = folder.resolve("resp.sock");
    try (TestTier tier = TestTier.builder().unixSocket(socket).shareDevices().start();
        RespPeer peer = RespPeer.unix(socket)) {
      assertThat(peer.ask("DAX.MAP", "7")).isEqualTo("-ERR no usable device 7\r\n");
      assertThat(peer.ask("DAX.MAP", "0")).isEqualTo("+OK\r\n");
      assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(tier.server.snapshot().connections()).isOne();
    }
  }

  private static TestTier tier() throws IOException {
    return TestTier.builder().slotBytes(SLOT_BYTES).lockTimeout(Duration.ofMinutes(5)).start();
  }

  private static void write(DaxDevice device, long offset, String text) {
    ByteBuffer slot = device.mapping().buffer(offset, text.length());
    slot.put(RespPeer.bytes(text));
  }

  /** The offset in the triple that begins at a line. */
  private static long offset(String[] lines, int triple) {
    return Long.parseLong(lines[triple + 2].substring(1));
  }

  private static String[] lines(String reply) {
    return reply.split("\r\n");
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }
}
