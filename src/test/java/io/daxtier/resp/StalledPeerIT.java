package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that stall, trickle or die: others go on, and what they held is free again. */
@Timeout(120)
class StalledPeerIT {

  private static final int VALUE_BYTES = 8 << 20;

  /** The shortest value that needs a worker. */
  private static final int CHUNK_BYTES = WorkerPermits.CHUNK_BYTES;

  /**
   * Many turns of 100 ms; a waiter that had to wait for a stalled transfer would need a time-out.
   */
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void stalledStores_doNotHoldTheOnlyStoreWorker() throws IOException {
    try (TestTier tier =
            TestTier.builder().slotBytes(VALUE_BYTES).slots(8).workers(1, 1, 1).start();
        RespPeer good = tier.connect()) {
      List<RespPeer> stalled = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RespPeer peer = tier.connect();
        stalled.add(peer);
        peer.send("*3\r\n$3\r\nSET\r\n$1\r\n" + i + "\r\n$" + CHUNK_BYTES + "\r\nabc");
      }
      await().until(() -> tier.store.usage().reserved() == 3);
      long begun = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        assertThat(good.ask("SET", "k", "v".repeat(CHUNK_BYTES))).isEqualTo("+OK\r\n");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
      // the stalled ones have only lost their turn: each can still finish
      for (RespPeer peer : stalled) {
        peer.send("x".repeat(CHUNK_BYTES - 3) + "\r\n");
        assertThat(peer.reply()).isEqualTo("+OK\r\n");
        peer.close();
      }
    }
  }

  @Test
  void stalledLoads_doNotHoldTheOnlyLoadWorker() throws IOException {
    try (TestTier tier =
            TestTier.builder().slotBytes(VALUE_BYTES).slots(8).workers(1, 1, 1).start();
        RespPeer good = tier.connect()) {
      assertThat(good.ask("SET", "big", "v".repeat(VALUE_BYTES))).isEqualTo("+OK\r\n");
      assertThat(good.ask("SET", "other", "v".repeat(CHUNK_BYTES))).isEqualTo("+OK\r\n");
      List<RespPeer> stalled = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RespPeer peer = tier.connect();
        stalled.add(peer);
        peer.command("GET", "big");
        assertThat(peer.readLine()).isEqualTo("$" + VALUE_BYTES);
      }
      assertThat(tier.store.usage().borrowed()).as("sent only in part").isOne();
      long begun = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        assertThat(good.ask("GET", "other")).hasSize(CHUNK_BYTES + 12);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
      for (RespPeer peer : stalled) {
        assertThat(peer.read(VALUE_BYTES + 2)).endsWith('v', '\r', '\n');
        peer.close();
      }
    }
  }

  @Test
  void storeThatStalls_isAbortedAndItsSlotIsFree() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(800));
        RespPeer peer = tier.connect()) {
      peer.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc");
      await().until(() -> tier.store.usage().reserved() == 1);
      assertThat(peer.readToEnd()).isEmpty();
      await().atMost(1, TimeUnit.SECONDS).until(() -> tier.store.usage().used() == 0);
    }
  }

  @Test
  void storeThatTrickles_isAborted() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(800));
        RespPeer peer = tier.connect()) {
      peer.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n");
      await()
          .pollInterval(20, TimeUnit.MILLISECONDS)
          .atMost(20, TimeUnit.SECONDS)
          .until(
              () -> {
                try {
                  peer.send("x");
                } catch (IOException closed) {
                  return true;
                }
                return tier.server.snapshot().connections() == 0;
              });
      assertThat(tier.store.usage().used()).isZero();
    }
  }

  @Test
  void loadThatStalls_isAbortedAndItsBorrowEnds() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(800));
        RespPeer peer = tier.connect()) {
      peer.channel().setOption(StandardSocketOptions.SO_RCVBUF, 4096);
      peer.ask("SET", "k", "v".repeat(VALUE_BYTES));
      peer.command("GET", "k");
      await().until(() -> tier.store.usage().borrowed() == 1);
      await().until(() -> tier.store.usage().borrowed() == 0);
      await().until(() -> tier.server.snapshot().connections() == 0);
    }
  }

  @Test
  void halfACommand_isAborted_butIdleIsNot() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(400));
        RespPeer idle = tier.connect();
        RespPeer half = tier.connect()) {
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
      half.send("*2\r\n$3\r\nGE");
      assertThat(half.readToEnd()).isEmpty();
      assertThat(idle.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void clientWithAReservedSlot_isAborted_butItsSlotIsHeldBack() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(400));
        RespPeer peer = tier.connect()) {
      assertThat(peer.ask("DAX.RESERVE", "k", "3")).startsWith("*1\r\n*3\r\n");
      peer.send("*2\r\n$3\r\nGE");
      assertThat(peer.readToEnd()).isEmpty();
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.usage().reserved()).as("it may still be writing").isOne();
    }
  }

  /** The slowest that is allowed, and more: 64 KiB/s is asked for, this moves twice as much. */
  @Test
  void slowButSteady_isServed() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(800));
        RespPeer peer = tier.connect()) {
      int total = 400_000;
      peer.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + total + "\r\n");
      int[] sent = {0};
      await()
          .pollInterval(50, TimeUnit.MILLISECONDS)
          .atMost(60, TimeUnit.SECONDS)
          .until(
              () -> {
                int step = Math.min(16_384, total - sent[0]);
                peer.send(new byte[step]);
                sent[0] += step;
                return sent[0] == total;
              });
      peer.send("\r\n");
      assertThat(peer.reply()).isEqualTo("+OK\r\n");
    }
  }

  @Test
  void peerThatDiesInMidStore_leavesNothing() throws IOException {
    try (TestTier tier = TestTier.builder().start()) {
      try (RespPeer peer = tier.connect()) {
        peer.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc");
        await().until(() -> tier.store.usage().reserved() == 1);
        peer.channel()
            .setOption(StandardSocketOptions.SO_LINGER, 0); // a reset, as of a killed peer
      }
      await().atMost(1, TimeUnit.SECONDS).until(() -> tier.store.usage().used() == 0);
      assertThat(tier.store.objectCount()).isZero();
    }
  }

  @Test
  void peerThatNeverReadsItsReplies_isAborted() throws IOException {
    try (TestTier tier = tierWithTimeout(Duration.ofMillis(800));
        RespPeer peer = tier.connect()) {
      peer.channel().configureBlocking(false);
      byte[] echo = RespPeer.frame(RespPeer.bytes("ECHO"), new byte[60_000]);
      await()
          .pollInterval(1, TimeUnit.MILLISECONDS)
          .atMost(60, TimeUnit.SECONDS)
          .until(
              () -> {
                try {
                  peer.channel().write(ByteBuffer.wrap(echo));
                } catch (IOException closed) {
                  return true;
                }
                return tier.server.snapshot().accepted() == 1
                    && tier.server.snapshot().connections() == 0;
              });
    }
  }

  private static TestTier tierWithTimeout(Duration timeout) throws IOException {
    return TestTier.builder().slotBytes(VALUE_BYTES).slots(4).transferTimeout(timeout).start();
  }
}
