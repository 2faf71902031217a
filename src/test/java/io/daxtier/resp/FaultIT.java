package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.daxtier.device.DaxDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lost page fails its device and nothing else, and clients stay in step. */
@Timeout(120)
class FaultIT {

  private static final int SLOT_BYTES = 4 << 20;

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000, SLOT_BYTES})
  void load_ofLostPages_isAMiss(int length) throws IOException {
    try (TestTier tier = twoDevices();
        RespPeer peer = tier.connect()) {
      store(peer, "a", length);
      store(peer, "b", length);
      lose(tier, 0);
      String a = peer.ask("GET", "a");
      String b = peer.ask("GET", "b");
      assertThat(a.equals("$-1\r\n") ^ b.equals("$-1\r\n")).as("one of the two is lost").isTrue();
      assertThat(usable(tier)).isOne();
      store(peer, "c", length);
      assertThat(peer.ask("MGET", "c", "none")).startsWith("*2\r\n$" + length + "\r\n");
      assertThat(tier.store.usage().borrowed()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100_000, SLOT_BYTES})
  void store_intoLostPages_failsInStep(int length) throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(SLOT_BYTES).slots(2).start();
        RespPeer peer = tier.connect()) {
      lose(tier, 0);
      peer.command(RespPeer.bytes("SET"), RespPeer.bytes("a"), new byte[length]);
      assertThat(peer.reply()).isEqualTo("-ERR the device of this value failed or went away\r\n");
      peer.command(RespPeer.bytes("SET"), RespPeer.bytes("a"), new byte[length]);
      assertThat(peer.reply()).startsWith("-OOM ");
      assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      assertThat(usable(tier)).isZero();
    }
  }

  @Test
  void store_inline_intoLostPages_failsInStep() throws IOException {
    try (TestTier tier = twoDevices();
        RespPeer peer = tier.connect()) {
      lose(tier, 0);
      lose(tier, 1);
      peer.send("SET k v\r\n");
      assertThat(peer.reply()).isEqualTo("-ERR the device of this value failed or went away\r\n");
      assertThat(usable(tier)).isOne();
    }
  }

  @Test
  void device_lostUnderLoad_doesNotStopTheOthers() throws Exception {
    try (TestTier tier = twoDevices()) {
      Thread[] clients = new Thread[4];
      Throwable[] failures = new Throwable[clients.length];
      for (int i = 0; i < clients.length; i++) {
        int number = i;
        clients[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        load(tier, number);
                      } catch (IOException | RuntimeException | Error e) {
                        failures[number] = e;
                      }
                    });
      }
      lose(tier, 0);
      for (Thread client : clients) {
        client.join();
      }
      assertThat(failures).containsOnlyNulls();
      assertThat(usable(tier)).isOne();
    }
  }

  @Test
  void connectionThatEndsWithHalfAValue_hasItsReservationsHeldBack() throws IOException {
    try (TestTier tier = twoDevices();
        RespPeer peer = tier.connect()) {
      store(peer, "a", SLOT_BYTES);
      assertThat(peer.ask("DAX.RESERVE", "b", "3")).startsWith("*1\r\n*3\r\n");
      setLength(tier, deviceWithAnObject(tier), SLOT_BYTES / 2);
      peer.command("GET", "a");
      assertThat(peer.readLine()).isEqualTo("$" + SLOT_BYTES);
      assertThat(peer.readToEnd()).hasSizeLessThan(SLOT_BYTES);
      await().until(() -> tier.server.snapshot().connections() == 0);
      assertThat(tier.store.usage().reserved()).as("it may still be writing").isOne();
    }
  }

  /**
   * A value that was half sent when its page was lost ends the connection, which is then redone.
   */
  private static void load(TestTier tier, int number) throws IOException {
    RespPeer peer = tier.connect();
    for (int i = 0; i < 60; i++) {
      try {
        peer.command(RespPeer.bytes("SET"), RespPeer.bytes("k" + number), new byte[1 << 20]);
        assertThat(peer.reply()).matches("\\+OK\r\n|-OOM .*\r\n|-ERR the device .*\r\n");
        String loaded = peer.ask("GET", "k" + number);
        assertThat(loaded.length()).isIn(5, "$1048576\r\n".length() + (1 << 20) + 2);
      } catch (IOException closed) {
        peer = tier.connect();
      }
    }
    peer.close();
  }

  private static TestTier twoDevices() throws IOException {
    return TestTier.builder().slotBytes(SLOT_BYTES).slots(8).devices(2).start();
  }

  private static void store(RespPeer peer, String key, int length) throws IOException {
    peer.command(RespPeer.bytes("SET"), RespPeer.bytes(key), new byte[length]);
    assertThat(peer.reply()).isEqualTo("+OK\r\n");
  }

  private static void lose(TestTier tier, int device) throws IOException {
    setLength(tier, device, 0);
  }

  private static void setLength(TestTier tier, int device, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(tier.devicePath(device).toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private static int deviceWithAnObject(TestTier tier) {
    return tier.store.devices().getFirst().usage().committed() == 1 ? 0 : 1;
  }

  private static long usable(TestTier tier) {
    return tier.registry.devices().stream().map(DaxDevice::state).filter(s -> s.isUsable()).count();
  }
}
