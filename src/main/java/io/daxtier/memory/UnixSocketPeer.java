package io.daxtier.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import sun.nio.ch.SelChImpl;

/**
 * The process at the other end of a Unix socket: who it is (SO_PEERCRED) and handing it a device's
 * descriptor (SCM_RIGHTS). The JDK offers neither for channels, so this needs {@code --add-exports
 * java.base/sun.nio.ch=ALL-UNNAMED}. A call is for the thread that owns the channel.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class UnixSocketPeer {

  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** struct ucred: pid, uid, gid. */
  private static final int CREDENTIALS_BYTES = 12;

  /** struct cmsghdr (length, level, type), one descriptor, padded to 8. */
  private static final int CONTROL_LENGTH = 20;

  private static final int CONTROL_SPACE = 24;

  private UnixSocketPeer() {}

  /** The peer's process id; empty if it lives where this process cannot see it. */
  public static OptionalLong pid(SocketChannel channel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(CREDENTIALS_BYTES, Integer.BYTES);
      int result =
          NativeCalls.getSocketOption(
              descriptor(channel), SOL_SOCKET, SO_PEERCRED, credentials, CREDENTIALS_BYTES);
      int pid = result < 0 ? 0 : credentials.get(JAVA_INT, 0);
      return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
    }
  }

  /**
   * Sends a device's descriptor together with the bytes of a reply. It is one of its own: the peer
   * does not share this process's lock on the device, which ends with this process.
   *
   * @param readOnly whether the peer gets a descriptor that cannot be mapped writable
   * @param payload at least one byte; all of it is sent
   * @throws DaxMemoryException if the device cannot be opened for the peer; nothing was sent
   * @throws IOException if the peer is gone or the descriptor cannot be passed
   */
  public static void sendDescriptor(
      SocketChannel channel, DaxMapping mapping, boolean readOnly, ByteBuffer payload)
      throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    if (!payload.hasRemaining()) {
      throw new IllegalArgumentException("a descriptor travels with at least one byte");
    }
    int copy = mapping.reopen(readOnly);
    try {
      send(descriptor(channel), copy, payload);
    } finally {
      NativeCalls.close(copy);
    }
  }

  private static void send(int socket, int descriptor, ByteBuffer payload) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(payload.remaining());
      bytes.copyFrom(MemorySegment.ofBuffer(payload));
      long sent = 0;
      while (sent < bytes.byteSize()) {
        MemorySegment message = message(arena, bytes.asSlice(sent), sent == 0 ? descriptor : -1);
        long result = NativeCalls.sendMessage(socket, message, MSG_NOSIGNAL);
        if (result < 0) {
          throw new IOException(
              "a descriptor cannot be sent: " + NativeCalls.describe((int) -result));
        }
        sent += result;
      }
      payload.position(payload.limit());
    }
  }

  /** struct msghdr with one iovec and, unless {@code descriptor} is -1, one control message. */
  private static MemorySegment message(Arena arena, MemorySegment bytes, int descriptor) {
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ADDRESS, 0, bytes);
    vector.set(JAVA_LONG, 8, bytes.byteSize());
    MemorySegment message = arena.allocate(56, 8);
    message.fill((byte) 0);
    message.set(ADDRESS, 16, vector);
    message.set(JAVA_LONG, 24, 1);
    if (descriptor >= 0) {
      MemorySegment control = arena.allocate(CONTROL_SPACE, 8);
      control.set(JAVA_LONG, 0, CONTROL_LENGTH);
      control.set(JAVA_INT, 8, SOL_SOCKET);
      control.set(JAVA_INT, 12, SCM_RIGHTS);
      control.set(JAVA_INT, 16, descriptor);
      message.set(ADDRESS, 32, control);
      message.set(JAVA_LONG, 40, CONTROL_SPACE);
    }
    return message;
  }

  private static int descriptor(SocketChannel channel) {
    return ((SelChImpl) channel).getFDVal();
  }
}
