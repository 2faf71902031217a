package io.daxtier.resp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * LMCache's {@code resp} client as the wire sees it: it reads exactly as many bytes as the answer
 * it hopes for has, and only then looks at them. A shorter answer hangs it, a longer one shifts all
 * that follow.
 */
final class LmCacheDouble implements AutoCloseable {

  /** What an operation came to. */
  enum Result {
    YES,
    NO,
    /** An error of the right length. */
    ERROR
  }

  private final RespPeer peer;

  LmCacheDouble(int port) throws IOException {
    peer = RespPeer.tcp(port);
  }

  Result auth(String password) throws IOException {
    peer.command("AUTH", password);
    return judge(peer.readText(5), "+OK\r\n", "");
  }

  Result set(String key, byte[] value) throws IOException {
    peer.command(utf8("SET"), utf8(key), value);
    return judge(peer.readText(5), "+OK\r\n", "");
  }

  Result exists(String key) throws IOException {
    peer.command("EXISTS", key);
    return judge(peer.readText(4), ":1\r\n", ":0\r\n");
  }

  Result del(String key) throws IOException {
    peer.command("DEL", key);
    return judge(peer.readText(4), ":1\r\n", ":0\r\n");
  }

  /** Reads into a buffer whose size it knows before. */
  Result get(String key, byte[] buffer) throws IOException {
    peer.command("GET", key);
    String header = "$" + buffer.length + "\r\n";
    String answer = peer.readText(header.length());
    if (!answer.equals(header)) {
      return judge(answer, header, "");
    }
    System.arraycopy(peer.read(buffer.length), 0, buffer, 0, buffer.length);
    return judge(peer.readText(2), "\r\n", "");
  }

  private static Result judge(String answer, String yes, String no) {
    if (answer.equals(yes)) {
      return Result.YES;
    }
    if (answer.equals(no)) {
      return Result.NO;
    }
    if (answer.startsWith("-") && answer.indexOf("\r\n") == answer.length() - 2) {
      return Result.ERROR;
    }
    throw new AssertionError("out of step: read \"" + answer + "\" instead of \"" + yes + "\"");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    peer.close();
  }
}
