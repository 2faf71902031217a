package io.daxtier.bench;

import io.daxtier.memory.DaxMapping;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast bytes move between two devices and between a device and a buffer, beside the C library's
 * {@code memcpy} on memory of the same size; the secondary result {@code gigabytes} is GB/s. Pieces
 * are picked at random from 512 MiB, so that they come from memory and not from a cache. Devices
 * are files in /dev/shm where there is one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
public class CopyBenchmark {

  private static final long ARENA_BYTES = 512L << 20;

  @Param({"65536", "1048576", "16777216", "67108864"})
  private int pieceBytes;

  private final SplittableRandom random = new SplittableRandom(1);
  private MemorySegment from;
  private MemorySegment to;
  private MethodHandle memcpy;
  private Path folder;
  private DaxMapping fromDevice;
  private DaxMapping toDevice;
  private ByteBuffer buffer;

  /** Bytes moved, in GB. */
  @AuxCounters
  @State(Scope.Thread)
  public static class Moved {
    public double gigabytes;
  }

  @Setup(Level.Trial)
  @SuppressWarnings("restricted") // the C library's memcpy is what everything is compared with
  public void map() throws IOException {
    Arena arena = Arena.ofAuto();
    from = arena.allocate(ARENA_BYTES, 4096).fill((byte) 1);
    to = arena.allocate(ARENA_BYTES, 4096).fill((byte) 2);
    Linker linker = Linker.nativeLinker();
    memcpy =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("memcpy"),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG));
    Path shared = Path.of("/dev/shm");
    folder =
        Files.isDirectory(shared)
            ? Files.createTempDirectory(shared, "daxtier-bench")
            : Files.createTempDirectory("daxtier-bench");
    fromDevice = device("from");
    toDevice = device("to");
    DaxMapping.copy(fromDevice, 0, toDevice, 0, ARENA_BYTES);
    buffer = ByteBuffer.allocateDirect(pieceBytes);
  }

  private DaxMapping device(String name) throws IOException {
    Path file = folder.resolve(name);
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(ARENA_BYTES);
    }
    DaxMapping mapping = DaxMapping.open(file, ARENA_BYTES);
    for (long offset = 0; offset < ARENA_BYTES; offset += 1 << 20) {
      mapping.buffer(offset, 1 << 20).put(new byte[1 << 20]);
    }
    return mapping;
  }

  @TearDown(Level.Trial)
  public void unmap() throws IOException {
    fromDevice.close();
    toDevice.close();
    Files.delete(folder.resolve("from"));
    Files.delete(folder.resolve("to"));
    Files.delete(folder);
  }

  /** The yardstick. */
  @Benchmark
  public Object memcpy(Moved moved) throws Throwable {
    MemorySegment copied =
        (MemorySegment)
            memcpy.invokeExact(
                to.asSlice(offset(), pieceBytes),
                from.asSlice(offset(), pieceBytes),
                (long) pieceBytes);
    moved.gigabytes += pieceBytes / 1e9;
    return copied;
  }

  /** A migration's copy. */
  @Benchmark
  public void deviceToDevice(Moved moved) {
    DaxMapping.copy(fromDevice, offset(), toDevice, offset(), pieceBytes);
    moved.gigabytes += pieceBytes / 1e9;
  }

  /** A load by a client that maps the device. */
  @Benchmark
  public ByteBuffer deviceToBuffer(Moved moved) {
    buffer.clear().put(fromDevice.buffer(offset(), pieceBytes));
    moved.gigabytes += pieceBytes / 1e9;
    return buffer;
  }

  /** A store by a client that maps the device. */
  @Benchmark
  public ByteBuffer bufferToDevice(Moved moved) {
    ByteBuffer target = toDevice.buffer(offset(), pieceBytes).put(buffer.clear());
    moved.gigabytes += pieceBytes / 1e9;
    return target;
  }

  private long offset() {
    return random.nextLong(ARENA_BYTES / pieceBytes) * pieceBytes;
  }
}
