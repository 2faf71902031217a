package io.daxtier.resp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A blocking channel to a peer that counts what moves. For the connection's thread; counts may be
 * read by any.
 */
final class PeerChannel {

  private final SocketChannel channel;
  private final TransferProgress progress;
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();

  PeerChannel(SocketChannel channel, TransferProgress progress) {
    this.channel = channel;
    this.progress = progress;
  }

  /** Reads at least one byte; -1 at the end of the stream. */
  int read(ByteBuffer target) throws IOException {
    int count = channel.read(target);
    received(count);
    return count;
  }

  /** Reads at least one byte in mid-command. */
  void readSome(ByteBuffer target) throws IOException {
    inMidCommand(channel.read(target));
  }

  /** Reads at least one byte in mid-command into the targets, in order. */
  void read(ByteBuffer[] targets) throws IOException {
    inMidCommand(channel.read(targets));
  }

  private void inMidCommand(long count) throws IOException {
    if (count < 0) {
      throw new EOFException("the peer closed in mid-command");
    }
    received(count);
  }

  /** Writes all of the source. */
  void write(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      sent(channel.write(source));
    }
  }

  /** Writes some of the sources, in order; returns how many bytes. */
  long writeSome(ByteBuffer[] sources, int count) throws IOException {
    long written = channel.write(sources, 0, count);
    sent(written);
    return written;
  }

  long bytesIn() {
    return bytesIn.get();
  }

  long bytesOut() {
    return bytesOut.get();
  }

  private void received(long count) {
    if (count > 0) {
      bytesIn.addAndGet(count);
      progress.moved(count);
    }
  }

  private void sent(long count) {
    bytesOut.addAndGet(count);
    progress.moved(count);
  }
}
