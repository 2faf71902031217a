package io.daxtier.resp;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A client that knows bytes only: what it sends and reads is exactly what a test says. */
final class RespPeer implements AutoCloseable {

  private final SocketChannel channel;

  private RespPeer(SocketAddress address) throws IOException {
    channel = SocketChannel.open(address);
  }

  static RespPeer tcp(int port) throws IOException {
    return tcp(InetAddress.getLoopbackAddress(), port);
  }

  static RespPeer tcp(InetAddress address, int port) throws IOException {
    return new RespPeer(new InetSocketAddress(address, port));
  }

  static RespPeer unix(Path path) throws IOException {
    return new RespPeer(UnixDomainSocketAddress.of(path));
  }

  SocketChannel channel() {
    return channel;
  }

  RespPeer send(String latin1) throws IOException {
    return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  RespPeer send(byte[] bytes) throws IOException {
    ByteBuffer source = ByteBuffer.wrap(bytes);
    while (source.hasRemaining()) {
      channel.write(source);
    }
    return this;
  }

  RespPeer command(String... words) throws IOException {
    byte[][] bytes = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      bytes[i] = bytes(words[i]);
    }
    return command(bytes);
  }

  RespPeer command(byte[]... words) throws IOException {
    return send(frame(words));
  }

  static byte[] frame(byte[]... words) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(ascii("*" + words.length + "\r\n"));
    for (byte[] word : words) {
      frame.writeBytes(ascii("$" + word.length + "\r\n"));
      frame.writeBytes(word);
      frame.writeBytes(ascii("\r\n"));
    }
    return frame.toByteArray();
  }

  /** Exactly so many bytes. */
  byte[] read(int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException(
            "closed after " + text(Arrays.copyOf(target.array(), target.position())));
      }
    }
    return target.array();
  }

  String readText(int count) throws IOException {
    return text(read(count));
  }

  /** All bytes up to the end of the stream. */
  String readToEnd() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer some = ByteBuffer.allocate(8192);
    try {
      while (channel.read(some) >= 0) {
        all.write(some.array(), 0, some.position());
        some.clear();
      }
    } catch (IOException reset) {
      all.write(some.array(), 0, some.position());
    }
    return text(all.toByteArray());
  }

  String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      byte b = read(1)[0];
      if (b == '\n') {
        byte[] bytes = line.toByteArray();
        return text(Arrays.copyOf(bytes, bytes.length - 1));
      }
      line.write(b);
    }
  }

  /** One reply, nested arrays and maps included, just as it was sent. */
  String reply() throws IOException {
    String line = readLine();
    StringBuilder reply = new StringBuilder(line).append("\r\n");
    char type = line.charAt(0);
    switch (type) {
      case '$', '=' -> {
        int length = Integer.parseInt(line.substring(1));
        if (length >= 0) {
          reply.append(readText(length + 2));
        }
      }
      case '*', '%', '~' -> {
        int size = Integer.parseInt(line.substring(1)) * (type == '%' ? 2 : 1);
        for (int i = 0; i < size; i++) {
          reply.append(reply());
        }
      }
      default -> {}
    }
    return reply.toString();
  }

  /** Sends a command and reads its reply. */
  String ask(String... words) throws IOException {
    return command(words).reply();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
