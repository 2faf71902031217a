package io.daxtier.resp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Reads commands from a peer: RESP arrays of bulk strings, or inline. It stops in front of a SET's
 * value, which goes to its slot without passing through here (but for the first few bytes, which
 * came with the command). For the connection's thread.
 *
 * <p>Before it waits for the peer it sends what replies are ready, so that pipelining works in
 * batches and nobody waits for the other.
 */
final class CommandReader {

  /** Large enough for a few hundred pipelined commands, small enough for a thousand connections. */
  static final int INPUT_BYTES = 16 * 1024;

  /** Words of a command that a peer may send before it has authenticated, as in Redis. */
  static final int MAX_UNAUTHENTICATED_WORDS = 10;

  private static final int MAX_LENGTH_DIGITS = 19;

  private final PeerChannel channel;
  private final ReplyWriter replies;
  private final RespOptions.Limits limits;
  private final long maxBulkBytes;
  private final int maxWordBytes;
  private final BooleanSupplier authenticated;
  private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES).limit(0);

  CommandReader(
      PeerChannel channel,
      ReplyWriter replies,
      RespOptions.Limits limits,
      long slotBytes,
      BooleanSupplier authenticated) {
    this.channel = channel;
    this.replies = replies;
    this.limits = limits;
    this.maxBulkBytes = Math.max(limits.bulkBytes(), slotBytes);
    this.maxWordBytes = Math.max(limits.keyBytes(), limits.inlineBytes());
    this.authenticated = authenticated;
  }

  /** Whether a further command has begun to arrive. */
  boolean hasInput() {
    return input.hasRemaining();
  }

  /** Waits for the first byte of a command; false if the peer has ended. */
  boolean awaitInput() throws IOException {
    replies.flush();
    input.clear();
    int count = channel.read(input);
    input.flip();
    return count > 0;
  }

  /**
   * Reads a command, up to its value if it is a SET.
   *
   * @return false if there was nothing in it, as in an empty line
   */
  boolean read(CommandFrame frame) throws IOException, ProtocolException {
    if (peek() != '*') {
      return readInline(frame);
    }
    long words = readLength('*', "invalid multibulk length");
    if (words > limits.arguments()) {
      throw new ProtocolException("invalid multibulk length");
    }
    if (words > MAX_UNAUTHENTICATED_WORDS && !authenticated.getAsBoolean()) {
      throw new ProtocolException("unauthenticated multibulk length");
    }
    frame.clear((int) Math.max(0, words));
    readWords(frame);
    return words > 0;
  }

  /** After the value's bytes: reads the rest of the command. */
  void readRest(CommandFrame frame) throws IOException, ProtocolException {
    expectLineEnd();
    readWords(frame);
  }

  /** Reads past a value that nobody wants, and the rest of the command. */
  void skipValue(CommandFrame frame, long remainingBytes) throws IOException, ProtocolException {
    skip(remainingBytes);
    readRest(frame);
  }

  /** Moves what was read ahead to where it belongs. */
  void drainTo(ByteBuffer target) {
    int count = Math.min(input.remaining(), target.remaining());
    if (count > 0) {
      target.put(target.position(), input, input.position(), count);
      target.position(target.position() + count);
      input.position(input.position() + count);
    }
  }

  /** The empty input, to be filled behind a value's last bytes; then {@link #endReadAhead}. */
  ByteBuffer beginReadAhead() {
    return input.clear();
  }

  void endReadAhead() {
    input.flip();
  }

  private void readWords(CommandFrame frame) throws IOException, ProtocolException {
    for (int index = frame.read(); index < frame.size(); index++) {
      long length = readLength('$', "invalid bulk length");
      if (length < 0 || length > maxBulkBytes) {
        throw new ProtocolException("invalid bulk length");
      }
      if (index == CommandFrame.VALUE_INDEX && frame.is(0, "SET")) {
        frame.appendValue(length);
        return;
      }
      readWord(frame, length);
      expectLineEnd();
    }
  }

  private void readWord(CommandFrame frame, long length) throws IOException {
    int kept = (int) Math.min(length, maxWordBytes);
    ByteBuffer word = frame.append(kept);
    if (word == null) {
      skip(length);
      return;
    }
    while (word.hasRemaining()) {
      if (!input.hasRemaining()) {
        fill();
      }
      drainTo(word);
    }
    if (kept < length) {
      frame.refuse("ERR a word of " + length + " bytes is too long, the limit is " + maxWordBytes);
      skip(length - kept);
    }
  }

  private boolean readInline(CommandFrame frame) throws IOException, ProtocolException {
    byte[] line = new byte[128];
    int length = 0;
    for (byte b = take(); b != '\n'; b = take()) {
      if (length == limits.inlineBytes()) {
        throw new ProtocolException("too big inline request");
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, Math.min(length * 2, limits.inlineBytes()));
      }
      line[length++] = b;
    }
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    List<byte[]> words = InlineWords.split(line, length);
    frame.clear(words.size());
    for (byte[] word : words) {
      ByteBuffer target = frame.append(word.length);
      if (target != null) {
        target.put(word);
      }
    }
    return !words.isEmpty();
  }

  private long readLength(char type, String complaint) throws IOException, ProtocolException {
    byte first = take();
    if (first != type) {
      throw new ProtocolException("expected '" + type + "', got '" + printable(first) + "'");
    }
    long value = 0;
    int digits = 0;
    byte b = take();
    boolean negative = b == '-';
    if (negative) {
      b = take();
    }
    for (; b >= '0' && b <= '9'; b = take()) {
      if (++digits > MAX_LENGTH_DIGITS || (digits == 2 && value == 0)) {
        throw new ProtocolException(complaint);
      }
      value = value * 10 + (b - '0');
    }
    if (digits == 0 || b != '\r' || take() != '\n' || value < 0) {
      throw new ProtocolException(complaint);
    }
    return negative ? -value : value;
  }

  private static char printable(byte b) {
    return b >= ' ' && b < 127 ? (char) b : '?';
  }

  private void expectLineEnd() throws IOException, ProtocolException {
    if (take() != '\r' || take() != '\n') {
      throw new ProtocolException("expected CRLF after a bulk string");
    }
  }

  private void skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      if (!input.hasRemaining()) {
        fill();
      }
      int step = (int) Math.min(left, input.remaining());
      input.position(input.position() + step);
      left -= step;
    }
  }

  private byte peek() throws IOException {
    if (!input.hasRemaining()) {
      fill();
    }
    return input.get(input.position());
  }

  private byte take() throws IOException {
    if (!input.hasRemaining()) {
      fill();
    }
    return input.get();
  }

  private void fill() throws IOException {
    if (!awaitInput()) {
      throw new EOFException("the peer closed in mid-command");
    }
  }
}
