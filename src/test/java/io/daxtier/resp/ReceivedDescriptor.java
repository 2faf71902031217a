package io.daxtier.resp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import sun.nio.ch.SelChImpl;

/**
 * A descriptor that came over a Unix socket (SCM_RIGHTS), as a client of DAX.MAP gets it. It is
 * mapped by itself: to open its file again under /proc would ask for the file's own rights.
 *
 * @param descriptor the open file in this process
 * @param reply the bytes that it travelled with
 */
@SuppressWarnings("restricted") // stands for a client that is not written in Java
record ReceivedDescriptor(int descriptor, String reply) implements AutoCloseable {

  static final int EACCES = 13;

  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final int MAX_REPLY_BYTES = 256;

  /** struct cmsghdr (length, level, type), one descriptor, padded to 8. */
  private static final int CONTROL_BYTES = 24;

  private static final MethodHandle RECVMSG =
      handle("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** Waits for what the service sends next, which is to carry a descriptor. */
  static ReceivedDescriptor from(SocketChannel channel) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(MAX_REPLY_BYTES);
      MemorySegment vector = arena.allocate(16, 8);
      vector.set(ADDRESS, 0, bytes);
      vector.set(JAVA_LONG, 8, bytes.byteSize());
      MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
      MemorySegment message = arena.allocate(56, 8);
      message.set(ADDRESS, 16, vector);
      message.set(JAVA_LONG, 24, 1);
      message.set(ADDRESS, 32, control);
      message.set(JAVA_LONG, 40, CONTROL_BYTES);
      int socket = ((SelChImpl) channel).getFDVal();
      long received = call(RECVMSG, socket, message, 0);
      if (received < 0) {
        throw new IOException("recvmsg: errno " + -received);
      }
      String reply = text(bytes.asSlice(0, received));
      if (message.get(JAVA_LONG, 40) == 0
          || control.get(JAVA_INT, 8) != SOL_SOCKET
          || control.get(JAVA_INT, 12) != SCM_RIGHTS) {
        throw new IOException("no descriptor came with " + reply);
      }
      return new ReceivedDescriptor(control.get(JAVA_INT, 16), reply);
    }
  }

  /** Maps the device shared and read-only; unmapped with the arena. */
  MemorySegment mapReadOnly(Arena arena, long sizeBytes) throws IOException {
    return map(arena, sizeBytes, PROT_READ).asReadOnly();
  }

  /** Maps the device shared, for reading and writing; unmapped with the arena. */
  MemorySegment mapWritable(Arena arena, long sizeBytes) throws IOException {
    return map(arena, sizeBytes, PROT_READ | PROT_WRITE);
  }

  /** What mmap says to a mapping for reading and writing: 0 or an errno. */
  int errnoOfMappingWritable(long sizeBytes) {
    long address = mmap(sizeBytes, PROT_READ | PROT_WRITE);
    if (isErrno(address)) {
      return (int) -address;
    }
    call(MUNMAP, address, sizeBytes);
    return 0;
  }

  private MemorySegment map(Arena arena, long sizeBytes, int protection) throws IOException {
    long address = mmap(sizeBytes, protection);
    if (isErrno(address)) {
      throw new IOException("mmap: errno " + -address);
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(sizeBytes, arena, segment -> call(MUNMAP, segment.address(), sizeBytes));
  }

  private long mmap(long sizeBytes, int protection) {
    return call(MMAP, 0L, sizeBytes, protection, MAP_SHARED, descriptor, 0L);
  }

  private static boolean isErrno(long address) {
    return address < 0 && address > -4096;
  }

  @Override
  public void close() {
    call(CLOSE, descriptor);
  }

  private static String text(MemorySegment bytes) {
    byte[] copy = bytes.toArray(JAVA_BYTE);
    return new String(copy, StandardCharsets.US_ASCII);
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  /** The call's result, or minus its errno. */
  private static long call(MethodHandle function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      long result = ((Number) function.invokeWithArguments(all)).longValue();
      if (result != -1) {
        return result;
      }
      var errno =
          Linker.Option.captureStateLayout()
              .varHandle(MemoryLayout.PathElement.groupElement("errno"));
      return -(int) errno.get(state, 0L);
    } catch (Throwable e) {
      throw new AssertionError("a downcall cannot throw", e);
    }
  }
}
