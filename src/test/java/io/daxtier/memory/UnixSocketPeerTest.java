package io.daxtier.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketPeerTest {

  @TempDir Path folder;

  @Test
  void pid_ofAPeerInThisProcess_isThisProcess() throws IOException {
    try (Pair pair = new Pair()) {
      assertThat(UnixSocketPeer.pid(pair.accepted)).hasValue(ProcessHandle.current().pid());
    }
  }

  @Test
  void sendDescriptor_travelsWithItsPayload() throws IOException {
    Path file = Files.writeString(folder.resolve("dax"), "x".repeat(4096));
    try (Pair pair = new Pair();
        DaxMapping mapping = DaxMapping.open(file, 4096)) {
      UnixSocketPeer.sendDescriptor(pair.accepted, mapping, true, bytes("+OK\r\n"));
      UnixSocketPeer.sendDescriptor(pair.accepted, mapping, false, bytes("+OK\r\n"));
      ByteBuffer received = ByteBuffer.allocate(10);
      while (received.hasRemaining() && pair.client.read(received) >= 0) {}
      assertThat(new String(received.array(), StandardCharsets.US_ASCII))
          .isEqualTo("+OK\r\n+OK\r\n");
      assertThatThrownBy(
              () -> UnixSocketPeer.sendDescriptor(pair.accepted, mapping, true, bytes("")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sendDescriptor_toAPeerThatIsGone_isAnIoException() throws IOException {
    Path file = Files.writeString(folder.resolve("dax"), "x".repeat(4096));
    try (Pair pair = new Pair();
        DaxMapping mapping = DaxMapping.open(file, 4096)) {
      pair.client.close();
      assertThatThrownBy(
              () -> UnixSocketPeer.sendDescriptor(pair.accepted, mapping, false, bytes("+OK\r\n")))
          .isInstanceOf(IOException.class);
    }
  }

  private static ByteBuffer bytes(String text) {
    return StandardCharsets.US_ASCII.encode(text);
  }

  private final class Pair implements AutoCloseable {
    final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    final SocketChannel client;
    final SocketChannel accepted;

    Pair() throws IOException {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
      server.bind(address);
      client = SocketChannel.open(address);
      accepted = server.accept();
    }

    @Override
    public void close() throws IOException {
      accepted.close();
      client.close();
      server.close();
    }
  }
}
