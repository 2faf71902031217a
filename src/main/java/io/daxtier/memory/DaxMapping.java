package io.daxtier.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.daxtier.memory.DaxMemoryException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One device's bytes, mapped shared and read-write from its start, and held with an exclusive lock.
 * Any thread may read, write and copy; {@link #grow} and {@link #close} are for one thread at a
 * time and the caller sees to it that nothing is in flight when it closes.
 *
 * <p>{@code FileChannel.map} cannot map a character device (it compares with the file size, which
 * is 0, and then truncates), hence {@code mmap} itself. The lock is {@code flock}: a POSIX lock,
 * which is what {@code FileChannel.lock} takes, silently ends when any other descriptor of the node
 * is closed by this process.
 *
 * <p>A page that is lost shows as {@link InternalError} where Java touches it and as EFAULT where a
 * system call does; {@link #copy} and {@link #isReadable} turn the first into a {@link
 * MemoryFaultException} and an answer. Checksums and native calls straight over the mapping would
 * kill the JVM: copy out first.
 */
public final class DaxMapping implements AutoCloseable {

  private static final long PAGE_BYTES = 4096;
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  private final Path path;
  private final DeviceIdentity identity;
  private final int descriptor;
  private final DeviceGeometry openedGeometry;
  private final Arena arena = Arena.ofShared();

  /** The longest mapping so far; shorter ones live on in the arena, their buffers may be in use. */
  private volatile MemorySegment bytes;

  @GuardedBy("this")
  private boolean closed;

  private DaxMapping(Path path, DeviceIdentity identity, int descriptor, long sizeBytes) {
    this.path = path;
    this.identity = identity;
    this.descriptor = descriptor;
    this.openedGeometry = geometry();
    this.bytes = map(sizeBytes);
  }

  /**
   * Opens, locks and maps a device.
   *
   * @param path a character device in devdax mode or a regular file; links are followed
   * @param sizeBytes bytes wanted, rounded down to what the device's alignment allows
   * @throws DaxMemoryException if that cannot be had; nothing is left open
   */
  public static DaxMapping open(Path path, long sizeBytes) {
    if (sizeBytes <= 0) {
      throw new IllegalArgumentException("size must be positive: " + sizeBytes);
    }
    DeviceIdentity.of(path);
    int descriptor = NativeCalls.open(path.toString(), NativeCalls.O_RDWR);
    if (descriptor < 0) {
      throw refused("opened", path, -descriptor);
    }
    try {
      DeviceIdentity identity = DeviceIdentity.of(descriptorPath(descriptor), path);
      lock(descriptor, path);
      return new DaxMapping(path, identity, descriptor, sizeBytes);
    } catch (RuntimeException e) {
      NativeCalls.close(descriptor);
      throw e;
    }
  }

  /** The name it was opened by. */
  public Path path() {
    return path;
  }

  public DeviceIdentity identity() {
    return identity;
  }

  /** Bytes mapped: what was asked for, rounded down to the alignment. */
  public long sizeBytes() {
    return bytes.byteSize();
  }

  /** What is mapped when that many bytes are asked for: rounded down to the alignment. */
  public long roundDown(long sizeBytes) {
    return openedGeometry.roundDown(sizeBytes);
  }

  /**
   * Maps more of the device. Buffers handed out earlier stay good; both mappings show the same
   * bytes.
   *
   * @throws DaxMemoryException if the device is shorter than that; the old size stays
   */
  public synchronized void grow(long sizeBytes) {
    if (closed) {
      throw new IllegalStateException(path + " is closed");
    }
    // What is mapped already may be gone: a file may have been made shorter.
    if (roundDown(sizeBytes) > bytes.byteSize() || sizeBytes > geometry().sizeBytes()) {
      bytes = map(sizeBytes);
    }
  }

  /** A direct buffer over {@code lengthBytes} bytes at {@code offset}, for channels. */
  public ByteBuffer buffer(long offset, int lengthBytes) {
    return bytes.asSlice(offset, lengthBytes).asByteBuffer();
  }

  /** Whether every page of the range can still be read. */
  public boolean isReadable(long offset, long lengthBytes) {
    MemorySegment range = bytes.asSlice(offset, lengthBytes);
    int seen = 0;
    try {
      for (long at = 0; at < lengthBytes; at += PAGE_BYTES) {
        seen ^= touch(range, at);
      }
      if (lengthBytes > 0) {
        seen ^= touch(range, lengthBytes - 1);
      }
      deliverFault();
      return seen == (byte) seen;
    } catch (InternalError e) {
      return false;
    }
  }

  /**
   * Copies bytes from one mapping to another.
   *
   * @throws MemoryFaultException if a page of either is lost; ask {@link #isReadable} which
   */
  public static void copy(
      DaxMapping from, long fromOffset, DaxMapping to, long toOffset, long lengthBytes) {
    try {
      MemorySegment.copy(from.bytes, fromOffset, to.bytes, toOffset, lengthBytes);
      deliverFault();
    } catch (InternalError e) {
      throw new MemoryFaultException(
          "a page was lost while copying from " + from.path + " to " + to.path, e);
    }
  }

  /**
   * Opens the device once more, for handing it to another process; the caller closes the
   * descriptor.
   *
   * @throws DaxMemoryException if the mapping is closed or the device cannot be opened so
   */
  synchronized int reopen(boolean readOnly) {
    if (closed) {
      throw new DaxMemoryException(Reason.OTHER, path + " is closed");
    }
    int copy =
        NativeCalls.open(
            descriptorPath(descriptor).toString(),
            readOnly ? NativeCalls.O_RDONLY : NativeCalls.O_RDWR);
    if (copy < 0) {
      throw refused("opened again", path, -copy);
    }
    return copy;
  }

  /** Unmaps and closes; nothing may be in flight. Idempotent. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      arena.close();
      NativeCalls.close(descriptor);
    }
  }

  @Override
  public String toString() {
    return path + " (" + sizeBytes() + " bytes)";
  }

  @SuppressWarnings("restricted") // gives the address that mmap returned its length and its end
  private MemorySegment map(long wantedBytes) {
    DeviceGeometry geometry = geometry();
    if (geometry.sizeBytes() < wantedBytes) {
      throw new DaxMemoryException(
          Reason.TOO_SHORT,
          path
              + " holds "
              + geometry.sizeBytes()
              + " bytes, fewer than the "
              + wantedBytes
              + " asked for");
    }
    long length = geometry.roundDown(wantedBytes);
    if (length == 0) {
      throw new DaxMemoryException(
          Reason.UNALIGNED,
          path
              + " can only be mapped in units of "
              + geometry.alignBytes()
              + " bytes, "
              + wantedBytes
              + " is less than one");
    }
    long address = NativeCalls.mapShared(descriptor, length);
    if (address < 0 && address > -PAGE_BYTES) {
      throw refused("mapped", path, (int) -address);
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(length, arena, segment -> NativeCalls.unmap(segment.address(), length));
  }

  private DeviceGeometry geometry() {
    return DeviceGeometry.of(descriptorPath(descriptor), identity, path);
  }

  private static void lock(int descriptor, Path path) {
    int result = NativeCalls.flock(descriptor, NativeCalls.LOCK_EX | NativeCalls.LOCK_NB);
    if (result == -NativeCalls.EAGAIN) {
      throw new DaxMemoryException(Reason.IN_USE, path + " is in use by another process");
    }
    if (result < 0) {
      throw refused("locked", path, -result);
    }
  }

  /** What open, mmap or flock said, in words that tell the causes apart. */
  private static DaxMemoryException refused(String what, Path path, int errno) {
    Reason reason =
        switch (errno) {
          case NativeCalls.ENOENT -> Reason.NOT_FOUND;
          case NativeCalls.EPERM -> Reason.DEVICE_CGROUP;
          case NativeCalls.EACCES -> Reason.NO_PERMISSION;
          case NativeCalls.ENXIO, NativeCalls.ENODEV -> Reason.NOT_DEVDAX;
          case NativeCalls.EINVAL -> Reason.UNALIGNED;
          default -> Reason.OTHER;
        };
    String hint =
        switch (reason) {
          case DEVICE_CGROUP ->
              "the container's device cgroup forbids it; grant the device through a device plugin,"
                  + " a resource claim or a privileged container";
          case NO_PERMISSION ->
              "owner or mode of the node forbid it to this user, or its mount is nodev";
          case NOT_DEVDAX -> "the device is not in devdax mode or has no driver";
          case UNALIGNED -> "the kernel refused length or alignment";
          case NOT_FOUND -> "it does not exist";
          case NOT_A_DEVICE, TOO_SHORT, IN_USE, OTHER -> "the kernel refused it";
        };
    return new DaxMemoryException(
        reason, path + " cannot be " + what + ": " + hint + ": " + NativeCalls.describe(errno));
  }

  private static Path descriptorPath(int descriptor) {
    return Path.of("/proc/self/fd", Integer.toString(descriptor));
  }

  /**
   * Makes the JVM throw the {@link InternalError} that it owes for a lost page. Compiled code goes
   * on after the touch and meets the error when it next polls, which may be outside of the block
   * that would catch it; the return from a native method is such a point. To be called at the end
   * of every block that touches mapped bytes.
   */
  public static void deliverFault() {
    if (Thread.holdsLock(BYTE)) {
      throw new IllegalStateException("nobody locks this");
    }
  }

  /** A volatile read, which the compiler may not drop although nobody wants its result. */
  private static byte touch(MemorySegment range, long at) {
    return (byte) BYTE.getVolatile(range, at);
  }
}
