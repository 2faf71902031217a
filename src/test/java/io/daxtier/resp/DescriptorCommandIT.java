package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.daxtier.device.DaxDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** DAX.MAP with a client that maps the descriptor that it is sent, and nothing by its path. */
@Timeout(60)
class DescriptorCommandIT {

  @TempDir private Path folder;
  private TestTier tier;
  private RespPeer peer;
  private DaxDevice device;

  @BeforeEach
  void start() throws IOException {
    Path socket = folder.resolve("resp.sock");
    tier = TestTier.builder().slotBytes(4096).slots(8).unixSocket(socket).shareDevices().start();
    peer = RespPeer.unix(socket);
    device = tier.registry.devices().getFirst();
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    tier.close();
  }

  @Test
  void map_loadsAnObjectFromTheAddressOfItsLookup() throws IOException {
    peer.ask("SET", "other", "xxxxxxxxxxxxxxx");
    peer.ask("SET", "k", "the stored bytes");
    try (ReceivedDescriptor received = receive("DAX.MAP", "0");
        Arena arena = Arena.ofConfined()) {
      assertThat(received.reply()).isEqualTo("+OK\r\n");
      MemorySegment bytes = received.mapReadOnly(arena, device.sizeBytes());

      String[] found = lines("DAX.LOOKUP", "k");

      assertThat(found[2]).as("device id").isEqualTo(":" + device.id());
      assertThat(text(bytes.asSlice(number(found[3]), number(found[4]))))
          .isEqualTo("the stored bytes");
      assertThat(peer.ask("DAX.UNLOCK", found[6])).isEqualTo("*1\r\n:1\r\n");
    }
  }

  @Test
  void map_storesAnObjectAtTheAddressOfItsReservation() throws IOException {
    try (ReceivedDescriptor received = receive("DAX.MAP", "0");
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = received.mapWritable(arena, device.sizeBytes());
      String[] reserved = lines("DAX.RESERVE", "k", "3");

      bytes.asSlice(number(reserved[3])).copyFrom(MemorySegment.ofArray(RespPeer.bytes("new")));

      assertThat(peer.ask("DAX.COMMIT", reserved[5])).isEqualTo("*1\r\n:1\r\n");
      assertThat(peer.ask("GET", "k")).isEqualTo("$3\r\nnew\r\n");
    }
  }

  @Test
  void mapReadOnly_cannotBeMappedWritable() throws IOException {
    peer.ask("SET", "k", "value");
    try (ReceivedDescriptor readOnly = receive("DAX.MAP", "0", "RO");
        ReceivedDescriptor writable = receive("DAX.MAP", "0");
        Arena arena = Arena.ofConfined()) {
      assertThat(readOnly.reply()).isEqualTo("+OK\r\n");
      assertThat(readOnly.errnoOfMappingWritable(device.sizeBytes()))
          .isEqualTo(ReceivedDescriptor.EACCES);
      assertThat(writable.errnoOfMappingWritable(device.sizeBytes())).isZero();
      MemorySegment bytes = readOnly.mapReadOnly(arena, device.sizeBytes());
      String[] found = lines("DAX.LOOKUP", "k");
      assertThat(text(bytes.asSlice(number(found[3]), number(found[4])))).isEqualTo("value");
    }
  }

  @Test
  void refusal_carriesNoDescriptor() {
    assertThatThrownBy(() -> receive("DAX.MAP", "7"))
        .isInstanceOf(IOException.class)
        .hasMessage("no descriptor came with -ERR no usable device 7\r\n");
  }

  /** As where it is removed while the command runs, or where the node's mode has changed. */
  @Test
  void deviceThatCannotBeOpenedAgain_isAnErrorAndTheSessionLives() throws IOException {
    String token = lines("DAX.RESERVE", "k", "3")[5];
    device.mapping().close();
    assertThat(peer.ask("DAX.MAP", "0"))
        .isEqualTo("-ERR device 0 cannot be opened for another process\r\n");
    assertThat(peer.ask("DAX.ABORT", token)).isEqualTo("*1\r\n:1\r\n");
  }

  private ReceivedDescriptor receive(String... words) throws IOException {
    peer.command(words);
    return ReceivedDescriptor.from(peer.channel());
  }

  private String[] lines(String... words) throws IOException {
    return peer.ask(words).split("\r\n");
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(1));
  }

  private static String text(MemorySegment bytes) {
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
  }
}
