package io.daxtier.resp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes replies in RESP2, or RESP3 once asked for, into a small buffer that is sent when it is
 * full or {@link #flush}ed. For the connection's thread.
 */
final class ReplyWriter {

  static final int OUTPUT_BYTES = 16 * 1024;

  /** Type, sign, 19 digits, CRLF. */
  private static final int MAX_NUMBER_BYTES = 23;

  private final PeerChannel channel;
  private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BYTES);
  private boolean resp3;

  ReplyWriter(PeerChannel channel) {
    this.channel = channel;
  }

  boolean isResp3() {
    return resp3;
  }

  void useResp3(boolean use) {
    resp3 = use;
  }

  void ok() throws IOException {
    simple("OK");
  }

  void simple(String text) throws IOException {
    line('+', text);
  }

  /** An error; {@code text} begins with its code, such as ERR. */
  void error(String text) throws IOException {
    line('-', text.replace('\r', ' ').replace('\n', ' '));
  }

  void integer(long value) throws IOException {
    number(':', value);
  }

  void bulk(String text) throws IOException {
    bulk(text.getBytes(StandardCharsets.UTF_8));
  }

  void bulk(byte[] bytes) throws IOException {
    bulkHeader(bytes.length);
    raw(bytes);
    lineEnd();
  }

  /** Human-readable text: verbatim in RESP3. */
  void verbatim(String text) throws IOException {
    if (!resp3) {
      bulk(text);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number('=', bytes.length + 4L);
    raw("txt:".getBytes(StandardCharsets.US_ASCII));
    raw(bytes);
    lineEnd();
  }

  /** Header of a bulk string whose bytes follow. */
  void bulkHeader(long lengthBytes) throws IOException {
    number('$', lengthBytes);
  }

  void nil() throws IOException {
    if (resp3) {
      line('_', "");
    } else {
      line('$', "-1");
    }
  }

  void array(long size) throws IOException {
    number('*', size);
  }

  /** A map of {@code size} pairs; in RESP2 an array of twice as many. */
  void map(long size) throws IOException {
    if (resp3) {
      number('%', size);
    } else {
      number('*', size * 2);
    }
  }

  void set(long size) throws IOException {
    number(resp3 ? '~' : '*', size);
  }

  void lineEnd() throws IOException {
    need(2);
    output.put((byte) '\r').put((byte) '\n');
  }

  void raw(byte[] bytes) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      need(1);
      int count = Math.min(output.remaining(), bytes.length - at);
      output.put(bytes, at, count);
      at += count;
    }
  }

  /** What is left of the source. */
  void raw(ByteBuffer source) throws IOException {
    need(source.remaining());
    output.put(source);
  }

  /**
   * Writes the header of a value that is to be sent from its slot.
   *
   * @return where the header begins, for {@link #rollback}
   */
  int beginValue(long lengthBytes) throws IOException {
    need(MAX_NUMBER_BYTES);
    int mark = output.position();
    bulkHeader(lengthBytes);
    return mark;
  }

  /** Takes back what was written since {@link #beginValue}; nothing may have been sent since. */
  void rollback(int mark) {
    output.position(mark);
  }

  /** The bytes not sent yet, for a gathering write; then {@link #endGather}. */
  ByteBuffer beginGather() {
    return output.flip();
  }

  void endGather() {
    output.compact();
  }

  void flush() throws IOException {
    if (output.position() > 0) {
      output.flip();
      try {
        channel.write(output);
      } finally {
        output.clear();
      }
    }
  }

  private void line(char type, String text) throws IOException {
    need(1);
    output.put((byte) type);
    for (int i = 0; i < text.length(); i++) {
      need(1);
      char c = text.charAt(i);
      output.put((byte) c);
    }
    lineEnd();
  }

  private void number(char type, long value) throws IOException {
    need(MAX_NUMBER_BYTES);
    output.put((byte) type);
    if (value < 0) {
      raw(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    } else {
      long unit = 1;
      while (value / unit >= 10) {
        unit *= 10;
      }
      for (; unit > 0; unit /= 10) {
        output.put((byte) ('0' + value / unit % 10));
      }
    }
    output.put((byte) '\r').put((byte) '\n');
  }

  private void need(int bytes) throws IOException {
    if (output.remaining() < bytes) {
      flush();
    }
  }
}
