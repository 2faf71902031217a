package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks a real Redis 7 and a tier the same, byte by byte. */
class RedisDifferentialIT {

  /** Words separated by blanks; "" is the empty word, {@code <B>} a binary one. */
  private static final List<String> SCRIPT =
      List.of(
          "PING",
          "ping",
          "PING hello",
          "PING a b",
          "ECHO hi",
          "ECHO",
          "ECHO a b",
          "ECHO \"\"",
          "NOSUCH",
          "NOSUCH a b c",
          "NOSUCH a " + "x".repeat(200) + " b",
          "NOSUCH " + "x".repeat(200),
          "nosuch \"\" x",
          "GET",
          "GET a b",
          "SET",
          "SET a",
          "MGET",
          "EXISTS",
          "DEL",
          "UNLINK",
          "STRLEN",
          "TYPE",
          "TTL",
          "PTTL",
          "EXPIRE k",
          "PERSIST",
          "DBSIZE x",
          "SCAN",
          "SELECT",
          "AUTH",
          "DBSIZE",
          "GET k",
          "SET k v",
          "GET k",
          "get k",
          "SET k \"\"",
          "GET k",
          "STRLEN k",
          "SET \"\" empty",
          "GET \"\"",
          "EXISTS \"\"",
          "DEL \"\"",
          "SET k <B>",
          "GET k",
          "STRLEN k",
          "TYPE k",
          "TYPE none",
          "STRLEN none",
          "EXISTS k",
          "EXISTS k k none",
          "MGET k none k",
          "MGET none",
          "TTL k",
          "PTTL k",
          "TTL none",
          "PTTL none",
          "PERSIST k",
          "PERSIST none",
          "EXPIRE k 100",
          "TTL k",
          "PERSIST k",
          "TTL k",
          "EXPIRE none 10",
          "EXPIRE k x",
          "EXPIRE k 1.5",
          "EXPIRE k +1",
          "EXPIRE k 01",
          "EXPIRE k 9223372036854775807",
          "EXPIRE k 10 foo",
          "EXPIRE k x foo",
          "EXPIRE k -9223372036854775808",
          "EXPIRE k 0",
          "GET k",
          "SET k v",
          "EXPIRE k -1",
          "EXISTS k",
          "SET k v NX",
          "SET k w NX",
          "GET k",
          "SET k w XX",
          "GET k",
          "SET none w XX",
          "EXISTS none",
          "SET k v NX XX",
          "SET k v XX NX",
          "SET k v nx nx",
          "SET k x xx xx",
          "SET k v FOO",
          "SET k v EX",
          "SET k v EX x",
          "SET k v EX 0",
          "SET k v EX -1",
          "SET k v PX 0",
          "SET k v EX 10 PX 10",
          "SET k v EX 10 EX 10",
          "SET k v PX x",
          "SET k v EX x FOO",
          "SET k v EX 0 NX XX",
          "SET k v EX x EX 10",
          "SET k v PX 0 PX 100000",
          "SET k v EX 10 EX x",
          "SET k v EX 9223372036854775807",
          "SET k v PX 9223372036854775807",
          "SET k v EX 100",
          "TTL k",
          "SET k v PX 100000",
          "TTL k",
          "SET k v",
          "TTL k",
          "SET k v EX 100 NX",
          "SET k v NX EX 100",
          "SET k v ex 100 xx",
          "TTL k",
          "DEL k none k",
          "DEL none",
          "SET a 1",
          "SET b 2",
          "UNLINK a b c",
          "DBSIZE",
          "SCAN 0",
          "SCAN x",
          "SCAN -1",
          "SCAN 0 MATCH",
          "SCAN 0 COUNT x",
          "SCAN 0 COUNT 0",
          "SCAN 0 COUNT -1",
          "SCAN 0 FOO bar",
          "SET key:1 v",
          "SCAN 0 MATCH key:*",
          "SCAN 0 MATCH nokey* COUNT 100",
          "SCAN 0 COUNT 100 MATCH key:?",
          "SCAN 0 TYPE string",
          "SCAN 0 TYPE hash",
          "SCAN 0 MATCH key:[0-9]",
          "SCAN 0 MATCH key:[^0-9]",
          "FLUSHALL",
          "FLUSHALL ASYNC",
          "FLUSHALL SYNC",
          "FLUSHALL FOO",
          "FLUSHDB",
          "FLUSHDB ASYNC",
          "FLUSHDB a b",
          "DBSIZE",
          "SELECT 0",
          "SELECT 16",
          "SELECT x",
          "SELECT -1",
          "SELECT 99999999999999999999",
          "SELECT 2147483648",
          "SELECT -2147483649",
          "AUTH x",
          "AUTH default x",
          "AUTH other x",
          "AUTH a b c",
          "CLIENT",
          "CLIENT NOSUCH",
          "CLIENT GETNAME",
          "CLIENT SETNAME app",
          "CLIENT GETNAME",
          "CLIENT SETNAME \"\"",
          "CLIENT GETNAME",
          "CLIENT SETNAME a\u0001b",
          "CLIENT SETNAME",
          "CLIENT ID x",
          "CLIENT NO-EVICT ON",
          "CLIENT NO-EVICT off",
          "CLIENT NO-EVICT maybe",
          "CLIENT NO-EVICT",
          "COMMAND NOSUCH",
          "COMMAND COUNT x",
          "COMMAND INFO nosuch",
          "CONFIG",
          "CONFIG NOSUCH",
          "CONFIG GET",
          "CONFIG GET save",
          "CONFIG GET nosuch*",
          "CONFIG GET appendonly",
          "INFO nosuch",
          "HELLO x",
          "HELLO 1",
          "HELLO 4",
          "HELLO 2 AUTH a",
          "HELLO 2 FOO",
          "HELLO 2 AUTH other x",
          "HELLO 2 SETNAME",
          "HELLO 3 SETNAME \"a\u0001\"",
          "RESET",
          "RESET x",
          "QUIT");

  private static RedisServer redis;
  private static TestTier tier;

  @BeforeAll
  static void start() throws IOException {
    assumeThat(RedisServer.isInstalled()).as("redis-server 7 is installed").isTrue();
    redis = new RedisServer();
    tier = TestTier.builder().start();
  }

  @AfterAll
  static void stop() throws IOException {
    if (redis != null) {
      redis.close();
      tier.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void everyCommand_answersAsRedisDoes(int version) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    try (RespPeer theirs = redis.connect();
        RespPeer ours = tier.connect()) {
      theirs.ask("HELLO", Integer.toString(version));
      ours.ask("HELLO", Integer.toString(version));
      theirs.ask("FLUSHALL");
      ours.ask("FLUSHALL");
      for (String line : SCRIPT) {
        byte[][] words = InlineWords.split(bytes(line), bytes(line).length).toArray(byte[][]::new);
        String expected = theirs.command(words).reply();
        softly.assertThat(ours.command(words).reply()).as(line).isEqualTo(expected);
      }
      softly.assertThat(ours.readToEnd()).as("closed after QUIT").isEmpty();
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PING\r\n",
        "ping\n",
        "\r\nPING\r\n",
        "  PING   \r\n",
        "SET k 'a b'\r\nGET k\r\n",
        "SET k \"a\\x41\\n\\\"b\"\r\nGET k\r\n",
        "GET \"unbalanced\r\n",
        "GET 'a'b\r\n",
        "*0\r\nPING\r\n",
        "*-1\r\nPING\r\n",
        "*x\r\n",
        "*2147483648\r\n",
        "*1\r\n:1\r\n",
        "*1\r\n$x\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$536870913\r\n",
        "*2\r\n$4\r\nECHO\r\n$03\r\nabc\r\n",
        "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n",
      })
  void frame_answersAsRedisDoes(String bytes) throws IOException {
    assertThat(exchange(tier.connect(), bytes)).isEqualTo(exchange(redis.connect(), bytes));
  }

  @Test
  void beforeAuthentication_answersAsRedisDoes() throws IOException {
    try (RedisServer guardedRedis = new RedisServer("--requirepass", "secret");
        TestTier guardedTier = TestTier.builder().credentials(null, "secret").start()) {
      SoftAssertions softly = new SoftAssertions();
      try (RespPeer theirs = guardedRedis.connect();
          RespPeer ours = guardedTier.connect()) {
        for (String line :
            List.of(
                "PING",
                "GET k",
                "GET",
                "SET k v",
                "NOSUCH",
                "CLIENT ID",
                "INFO",
                "HELLO",
                "HELLO 3",
                "HELLO 3 AUTH default wrong",
                "AUTH wrong",
                "AUTH default wrong",
                "AUTH other secret",
                "AUTH secret",
                "GET k",
                "RESET",
                "GET k",
                "AUTH default secret",
                "GET k")) {
          String expected = theirs.ask(line.split(" "));
          softly.assertThat(ours.ask(line.split(" "))).as(line).isEqualTo(expected);
        }
      }
      softly.assertAll();
      for (String frame : List.of("*11\r\n$4\r\n", "*1\r\n$4\r\nQUIT\r\n")) {
        assertThat(exchange(guardedTier.connect(), frame))
            .isEqualTo(exchange(guardedRedis.connect(), frame));
      }
    }
  }

  private static String exchange(RespPeer peer, String bytes) throws IOException {
    try (peer) {
      peer.send(bytes);
      peer.channel().shutdownOutput();
      return peer.readToEnd();
    }
  }

  private static byte[] bytes(String line) {
    String text = line.replace("<B>", "\"\\x00\\r\\n\\xff$5\"");
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) text.charAt(i);
    }
    return bytes;
  }
}
