package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.device.DaxDevice;
import io.daxtier.resp.LmCacheDouble.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No error and no miss ever shifts or blocks a client that reads by fixed length. */
@Timeout(120)
class LmCacheRepliesIT {

  private static final int SLOT_BYTES = 4096;
  private static final int OPERATIONS = 10_000;

  /**
   * Values are all of one size, as LMCache's are; that size has another number of digits than the
   * slot's, so a guess by the slot's would be seen.
   */
  @RepeatedTest(3)
  void mixedOperations_neverLoseStep() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int length = new int[] {7, 64, 512}[random.nextInt(3)];
    try (TestTier tier =
            TestTier.builder()
                .slotBytes(SLOT_BYTES)
                .slots(24)
                .devices(2)
                .credentials(null, "pw")
                .start();
        LmCacheDouble client = new LmCacheDouble(tier.port());
        LmCacheDouble stranger = new LmCacheDouble(tier.port());
        RespPeer operator = tier.connect()) {
      operator.ask("AUTH", "pw");
      assertThat(client.auth("pw")).isEqualTo(Result.YES);
      assertThat(client.set(key(0), new byte[length])).isEqualTo(Result.YES);
      Map<String, Integer> known = new HashMap<>();
      for (int i = 0; i < OPERATIONS; i++) {
        step(random, client, stranger, operator, known, length, i);
      }
      assertThat(client.set("m@last", new byte[length])).isNotNull();
      assertThat(client.exists("m@none")).isEqualTo(Result.NO);
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError("seed " + seed + ", length " + length, e);
    }
  }

  private static void step(
      Random random,
      LmCacheDouble client,
      LmCacheDouble stranger,
      RespPeer operator,
      Map<String, Integer> known,
      int length,
      int number)
      throws IOException {
    String key = key(random.nextInt(60));
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) number);
        if (client.set(key, value) == Result.YES) {
          known.put(key, number);
        }
      }
      case 3, 4, 5 -> {
        byte[] value = new byte[length];
        if (client.get(key, value) == Result.YES && known.containsKey(key)) {
          assertThat(value).as(key).containsOnly((byte) (int) known.get(key));
        }
      }
      case 6 -> {
        if (client.exists(key) == Result.YES) {
          // promised, then taken away in one of three ways
          switch (random.nextInt(3)) {
            case 0 -> operator.ask("DEL", key);
            case 1 -> operator.ask("SET", key, "x");
            default -> operator.ask("EXPIRE", key, "0");
          }
          operator.ask("DEL", key);
          known.remove(key);
          assertThat(client.get(key, new byte[length])).isEqualTo(Result.ERROR);
        }
      }
      case 7 -> {
        if (client.del(key) == Result.YES) {
          known.remove(key);
        }
      }
      case 8 -> {
        assertThat(client.set(key, new byte[SLOT_BYTES + 1 + random.nextInt(100_000)]))
            .isEqualTo(Result.ERROR);
        // its next value is of the usual size again, as far as it knows
        client.set(key, new byte[length]);
        known.remove(key);
        client.del(key);
      }
      case 9 -> {
        assertThat(stranger.set(key, new byte[length])).isEqualTo(Result.ERROR);
        assertThat(stranger.get(key, new byte[length])).isEqualTo(Result.ERROR);
        assertThat(stranger.exists(key)).isEqualTo(Result.ERROR);
        assertThat(stranger.del(key)).isEqualTo(Result.ERROR);
      }
      case 10 -> {
        if (number % 50 == 0) {
          operator.ask("FLUSHALL");
          known.clear();
        }
      }
      default -> {
        String tooLong = "m@" + "k".repeat(1023);
        assertThat(client.exists(tooLong)).isEqualTo(Result.ERROR);
        assertThat(client.get(tooLong, new byte[length])).isEqualTo(Result.ERROR);
        assertThat(client.set(tooLong, new byte[length])).isEqualTo(Result.ERROR);
        assertThat(client.del(tooLong)).isEqualTo(Result.ERROR);
      }
    }
  }

  @Test
  void promisedObject_lostWithItsDevice_answersInStep() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(4).start();
        LmCacheDouble client = new LmCacheDouble(tier.port());
        LmCacheDouble other = new LmCacheDouble(tier.port())) {
      client.set("m@a", new byte[1000]);
      other.set("m@b", new byte[10]);
      assertThat(other.exists("m@a")).isEqualTo(Result.YES);
      try (RandomAccessFile file = new RandomAccessFile(tier.devicePath(0).toFile(), "rw")) {
        file.setLength(0);
      }
      assertThat(other.get("m@a", new byte[1000])).isEqualTo(Result.ERROR);
      DaxDevice device = tier.registry.devices().getFirst();
      assertThat(device.state().isUsable()).isFalse();
      assertThat(other.get("m@a", new byte[1000])).as("promised before").isEqualTo(Result.ERROR);
      assertThat(client.set("m@c", new byte[1000])).isEqualTo(Result.ERROR);
      assertThat(client.exists("m@a")).isEqualTo(Result.NO);
    }
  }

  @Test
  void objectPromisedToTwo_loadedByOneAndDeleted_answersInStep() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(4).start();
        LmCacheDouble client = new LmCacheDouble(tier.port());
        LmCacheDouble other = new LmCacheDouble(tier.port())) {
      client.set("m@a", new byte[1000]);
      other.set("m@b", new byte[10]);
      assertThat(client.exists("m@a")).isEqualTo(Result.YES);
      assertThat(other.exists("m@a")).isEqualTo(Result.YES);
      assertThat(client.get("m@a", new byte[1000])).isEqualTo(Result.YES);
      assertThat(client.del("m@a")).isEqualTo(Result.YES);
      assertThat(other.get("m@a", new byte[1000])).isEqualTo(Result.ERROR);
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "9", "10", "99", "100", "1048576"})
  void miss_isAsLongAsTheHeaderOfTheLastValue(int length) throws IOException {
    try (TestTier tier = TestTier.builder().start();
        RespPeer peer = tier.connect()) {
      peer.command(RespPeer.bytes("SET"), RespPeer.bytes("m@a"), new byte[length]);
      assertThat(peer.reply()).isEqualTo("+OK\r\n");
      assertThat(peer.ask("GET", "m@b"))
          .hasSize(("$" + length + "\r\n").length())
          .startsWith("-M")
          .endsWith("\r\n");
    }
  }

  @Test
  void miss_withNothingKnown_isAsLongAsTheHeaderOfASlot() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("GET", "m@b")).isEqualTo("-MISS\r\n");
    }
  }

  @Test
  void anyOtherCommand_bringsRedisSentencesBack() throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).start();
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("GET", "ordinary")).isEqualTo("$-1\r\n");
      assertThat(peer.ask("GET", "m@b")).isEqualTo("-MISS\r\n");
      peer.ask("PING");
      assertThat(peer.ask("GET", "m@b")).isEqualTo("$-1\r\n");
    }
  }

  private static String key(int number) {
    return "meta-llama/Llama@01000100@0@" + "%064x".formatted(number);
  }
}
