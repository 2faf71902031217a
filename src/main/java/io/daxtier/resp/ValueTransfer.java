package io.daxtier.resp;

import io.daxtier.device.DaxDevice;
import io.daxtier.memory.DaxMapping;
import io.daxtier.resp.WorkerPermits.Turn;
import io.daxtier.slot.Borrow;
import io.daxtier.slot.Reservation;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * Moves values between the socket and their slots without a copy between, in steps small enough for
 * turns and for the watch to see progress. For the connection's thread.
 *
 * <p>A page of the device that is lost shows as an I/O error too. Then the device is failed, and
 * the peer stays in step if the protocol still allows it: a value that was being received is
 * skipped, one of which nothing was sent is a miss. Otherwise the connection ends.
 */
final class ValueTransfer {

  private static final System.Logger LOG = System.getLogger(ValueTransfer.class.getName());

  /** Bytes of one system call. */
  static final int STEP_BYTES = 1 << 20;

  /**
   * Bytes of a value that the first system call sends over TCP. Linux copies what is sent into
   * pieces of 32 KiB, and begins a new piece where less than 32 bytes are left. So the header and
   * these bytes leave a piece just so full that the rest of the value goes to the beginning of the
   * next one: 32 bytes ahead of its source, counted within a page. Without that it would be ahead
   * by the length of the header, and where that is 1 to 31 bytes AMD's {@code rep movsb} copies 3
   * instead of 50 GB/s.
   */
  private static final int FIRST_STEP_BYTES = (32 << 10) - 32;

  /** Shorter values are not worth a second system call. */
  private static final int MIN_SPLIT_BYTES = 128 << 10;

  /** Bytes of a slot that one buffer covers. */
  private static final long WINDOW_BYTES = 1 << 30;

  private final SlotStore store;
  private final PeerChannel channel;
  private final CommandReader reader;
  private final ReplyWriter replies;
  private final int stepBytes;
  private final boolean splits;
  private final ByteBuffer[] targets = new ByteBuffer[2];
  private final ByteBuffer[] sources = new ByteBuffer[3];
  private final ByteBuffer lineEnd =
      ByteBuffer.allocateDirect(2).put((byte) '\r').put((byte) '\n').flip();

  /**
   * @param stepBytes bytes of one system call, few enough that a peer that is just fast enough for
   *     the watch is seen to make progress
   */
  ValueTransfer(
      SlotStore store,
      PeerChannel channel,
      CommandReader reader,
      ReplyWriter replies,
      int stepBytes,
      boolean overUnixSocket) {
    this.store = store;
    this.channel = channel;
    this.reader = reader;
    this.replies = replies;
    this.stepBytes = stepBytes;
    this.splits = !overUnixSocket;
    this.sources[2] = lineEnd;
  }

  /**
   * Receives a value's bytes into its slot; the line end behind them is left to the reader.
   *
   * @return bytes received, fewer than the reservation's only if the device failed
   * @throws IOException if the peer is gone
   */
  long receive(Reservation reservation, WorkerPermits permits, Turn turn) throws IOException {
    replies.flush();
    long length = reservation.length();
    long received = 0;
    while (received < length) {
      int window = (int) Math.min(WINDOW_BYTES, length - received);
      ByteBuffer slot = reservation.buffer(received, window);
      boolean last = received + window == length;
      try {
        reader.drainTo(slot);
        DaxMapping.deliverFault();
        while (slot.hasRemaining()) {
          permits.keep(turn);
          step(slot, last);
        }
      } catch (IOException | InternalError e) {
        if (reservation.isReadable()) {
          throw e;
        }
        fault(reservation.device(), e);
        return received + slot.position();
      }
      received += window;
    }
    return received;
  }

  /** Copies an inline value into its slot; false if the device failed. */
  boolean fill(Reservation reservation, ByteBuffer value) {
    try {
      reservation.buffer(0, value.remaining()).put(value);
      DaxMapping.deliverFault();
      return true;
    } catch (InternalError e) {
      if (reservation.isReadable()) {
        throw e;
      }
      fault(reservation.device(), e);
      return false;
    }
  }

  private void step(ByteBuffer slot, boolean last) throws IOException {
    int window = slot.limit();
    if (last && slot.remaining() <= stepBytes) {
      targets[0] = slot;
      targets[1] = reader.beginReadAhead();
      try {
        channel.read(targets);
      } finally {
        reader.endReadAhead();
      }
      return;
    }
    slot.limit(Math.min(window, slot.position() + stepBytes));
    try {
      channel.readSome(slot);
    } finally {
      slot.limit(window);
    }
  }

  /**
   * Sends a value as a bulk string, header and line end included.
   *
   * @return false if the device failed before any of it was sent: nothing was written then
   * @throws IOException if the peer is gone
   * @throws UncheckedIOException if the device failed when a part was sent
   */
  boolean send(Borrow borrow, WorkerPermits permits, Turn turn) throws IOException {
    long length = borrow.length();
    int mark = replies.beginValue(length);
    lineEnd.rewind();
    long sent = 0;
    boolean untouched = true;
    while (sent < length) {
      int window = (int) Math.min(WINDOW_BYTES, length - sent);
      ByteBuffer slot = borrow.buffer(sent, window);
      boolean last = sent + window == length;
      try {
        while (slot.hasRemaining()) {
          permits.keep(turn);
          int bytes = sent + slot.position() == 0 ? firstStepBytes(length) : stepBytes;
          untouched &= step(slot, window, last, bytes) == 0;
        }
      } catch (IOException e) {
        if (borrow.isReadable()) {
          throw e;
        }
        fault(borrow.device(), e);
        if (!untouched) {
          throw new UncheckedIOException("a part of a value was sent: " + e.getMessage(), e);
        }
        replies.rollback(mark);
        return false;
      }
      sent += window;
    }
    replies.raw(lineEnd);
    return true;
  }

  private int firstStepBytes(long length) {
    return splits && length >= MIN_SPLIT_BYTES ? Math.min(FIRST_STEP_BYTES, stepBytes) : stepBytes;
  }

  private long step(ByteBuffer slot, int window, boolean last, int bytes) throws IOException {
    slot.limit(Math.min(window, slot.position() + bytes));
    sources[0] = replies.beginGather();
    sources[1] = slot;
    try {
      return channel.writeSome(sources, last && slot.limit() == window ? 3 : 2);
    } finally {
      replies.endGather();
      slot.limit(window);
    }
  }

  private void fault(DaxDevice device, Throwable cause) {
    if (device.state().isUsable()) {
      LOG.log(Level.ERROR, device + " lost a page: " + cause.getMessage());
    }
    store.fault(device, cause);
  }
}
