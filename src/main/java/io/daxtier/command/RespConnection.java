package io.daxtier.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A RESP2 connection that sends one command at a time. One thread. */
final class RespConnection implements AutoCloseable {

  private static final int MAX_LINE_BYTES = 4_096;

  private final Socket socket;
  private final InputStream in;

  private RespConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects to {@code host:port}; a connect or a read of longer than the time-out fails. */
  static RespConnection open(String address, int timeoutMillis) throws IOException {
    int colon = address.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("--resp must be HOST:PORT, not " + address);
    }
    String host = address.substring(0, colon);
    int port;
    try {
      port = Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--resp must be HOST:PORT, not " + address, e);
    }
    Socket socket = new Socket();
    try {
      socket.setSoTimeout(timeoutMillis);
      socket.connect(new InetSocketAddress(host, port), timeoutMillis);
      return new RespConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends a command and returns the line that it is answered with. */
  String call(String... words) throws IOException {
    byte[][] arguments = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      arguments[i] = words[i].getBytes(StandardCharsets.UTF_8);
    }
    send(arguments);
    return line();
  }

  String set(String key, byte[] value) throws IOException {
    send(
        "SET".getBytes(StandardCharsets.UTF_8),
        key.getBytes(StandardCharsets.UTF_8),
        value.clone());
    return line();
  }

  /** The value of a key that is known to be {@code lengthBytes} long. */
  byte[] get(String key, int lengthBytes) throws IOException {
    String header = call("GET", key);
    if (!header.equals("$" + lengthBytes)) {
      throw new IOException("GET answered " + header);
    }
    byte[] value = in.readNBytes(lengthBytes);
    if (!line().isEmpty()) {
      throw new IOException("GET answered more than " + lengthBytes + " bytes");
    }
    return value;
  }

  private void send(byte[]... arguments) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(("*" + arguments.length + "\r\n").getBytes(StandardCharsets.UTF_8));
    for (byte[] argument : arguments) {
      frame.writeBytes(("$" + argument.length + "\r\n").getBytes(StandardCharsets.UTF_8));
      frame.writeBytes(argument);
      frame.writeBytes(new byte[] {'\r', '\n'});
    }
    socket.getOutputStream().write(frame.toByteArray());
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed");
      }
      if (line.size() == MAX_LINE_BYTES) {
        throw new IOException("a reply of more than " + MAX_LINE_BYTES + " bytes");
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
