package io.daxtier.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls that the JDK has no public form of, on 64-bit Linux. Each returns the call's
 * result, or minus its errno. Needs {@code --enable-native-access}.
 *
 * <p>No call here may be given an address inside a device's mapping: a lost page would be a SIGBUS
 * in native code, which kills the JVM.
 */
@SuppressWarnings("restricted") // this is the one place that calls native code
final class NativeCalls {

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 02000000;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final int LOCK_EX = 2;
  static final int LOCK_NB = 4;

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int ENODEV = 19;
  static final int EINVAL = 22;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      handle(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FLOCK =
      handle("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GETSOCKOPT =
      handle(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SENDMSG =
      handle("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"),
          FunctionDescriptor.of(
              ADDRESS.withTargetLayout(
                  MemoryLayout.sequenceLayout(256, java.lang.foreign.ValueLayout.JAVA_BYTE)),
              JAVA_INT));

  private NativeCalls() {}

  /** open(2) of an existing path; the descriptor is closed on exec. */
  static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int close(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      int result = (int) CLOSE.invokeExact(state, descriptor);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int flock(int descriptor, int operation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      int result = (int) FLOCK.invokeExact(state, descriptor, operation);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** mmap(2), shared and read-write, from offset 0 at an address of the kernel's choice. */
  static long mapShared(int descriptor, long lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      long address =
          (long)
              MMAP.invokeExact(
                  state,
                  MemorySegment.NULL,
                  lengthBytes,
                  PROT_READ | PROT_WRITE,
                  MAP_SHARED,
                  descriptor,
                  0L);
      return address == -1 ? -errno(state) : address;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int unmap(long address, long lengthBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      int result = (int) MUNMAP.invokeExact(state, address, lengthBytes);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int getSocketOption(int socket, int level, int option, MemorySegment value, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      MemorySegment lengthCell = arena.allocateFrom(JAVA_INT, length);
      int result = (int) GETSOCKOPT.invokeExact(state, socket, level, option, value, lengthCell);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static long sendMessage(int socket, MemorySegment message, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      long result = (long) SENDMSG.invokeExact(state, socket, message, flags);
      return result < 0 ? -errno(state) : result;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** The C library's words for an errno, with its number. */
  static String describe(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.getString(0) + " (errno " + errno + ")";
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... extra) {
    Linker.Option[] options = new Linker.Option[extra.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(extra, 0, options, 1, extra.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  private static AssertionError impossible(Throwable cause) {
    return new AssertionError("a downcall cannot throw", cause);
  }
}
