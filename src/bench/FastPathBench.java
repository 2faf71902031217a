import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * The fast path from a client that maps the device itself, beside a plain memory copy of the same
 * bytes in the same process and beside our own RESP over TCP: {@code java FastPathBench.java
 * socket-path tcp-port device-file}. The plain copies go to and from the same slots, so that the
 * difference is what the service costs and not where pages happen to lie. The three are measured in
 * random order. Prints Markdown tables.
 */
public final class FastPathBench {

  private static final int[] SIZES_MIB = {1, 4, 16, 64};
  private static final int ROUNDS = 21;

  /** Of all objects of a batch together, such as 64 of 1 MiB, which is one long prompt. */
  private static final int BATCH_BYTES = 64 << 20;

  private static final int ROUND_TRIP_KEYS = 16;

  /** Batches before anything is counted: the service's JVM compiles meanwhile. */
  private static final int WARM_UP_BATCHES = 10_000;

  private FastPathBench() {}

  public static void main(String[] arguments) throws Exception {
    SocketAddress tcp =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]));
    try (Arena arena = Arena.ofShared();
        Peer control = new Peer(UnixDomainSocketAddress.of(Path.of(arguments[0])));
        Peer data = new Peer(tcp)) {
      MemorySegment device = map(arguments[2], arena);
      warmUp(control);
      String roundTrips = roundTrips(control);
      System.out.println("| op | size | fast path | memcpy | ratio | RESP over TCP | ratio |");
      System.out.println("|---|---|---|---|---|---|---|");
      for (boolean store : new boolean[] {true, false}) {
        for (int sizeMib : SIZES_MIB) {
          row(store, sizeMib, control, data, device);
        }
      }
      System.out.println();
      System.out.println(roundTrips);
    }
  }

  private static void row(boolean store, int sizeMib, Peer control, Peer data, MemorySegment device)
      throws IOException {
    int size = sizeMib << 20;
    double[][] rates = new double[3][ROUNDS];
    Random random = new Random(size);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment own = arena.allocate(size, 4096);
      own.fill((byte) 7);
      Integer[] ways = {0, 1, 2};
      for (int round = -2; round < ROUNDS; round++) {
        Collections.shuffle(Arrays.asList(ways), random);
        for (int way : ways) {
          long nanos =
              way == 2 ? values(store, data, own) : batch(store, way == 0, control, device, own);
          if (round >= 0) {
            rates[way][round] = (double) BATCH_BYTES / nanos;
          }
        }
      }
    }
    double fast = median(rates[0]);
    System.out.printf(
        Locale.ROOT,
        "| %s | %d MiB | %.2f GB/s | %.2f GB/s | %.2f | %.2f GB/s | %.1f |%n",
        store ? "store" : "load",
        sizeMib,
        fast,
        median(rates[1]),
        fast / median(rates[1]),
        median(rates[2]),
        fast / median(rates[2]));
  }

  /**
   * Nanoseconds to store or load all objects in one batch; they are deleted afterwards.
   *
   * @param whole whether the two round trips to the service count, or only the copies between them
   */
  private static long batch(
      boolean store, boolean whole, Peer control, MemorySegment device, MemorySegment own)
      throws IOException {
    long length = own.byteSize();
    int objects = objects(length);
    if (!store) {
      control.askAll("DAX.COMMIT", control.ask(reservations(objects, length)), 3);
    }
    int scalars = store ? 3 : 4;
    String[] request = store ? reservations(objects, length) : keys("DAX.LOOKUP", objects);
    long begun = System.nanoTime();
    List<String> grants = control.ask(request);
    long granted = System.nanoTime();
    for (int i = 0; i < objects; i++) {
      long offset = Long.parseLong(grants.get(scalars * i + 1));
      if (store) {
        MemorySegment.copy(own, 0, device, offset, length);
      } else {
        MemorySegment.copy(device, offset, own, 0, length);
      }
    }
    long copied = System.nanoTime();
    control.askAll(store ? "DAX.COMMIT" : "DAX.UNLOCK", grants, scalars);
    long ended = System.nanoTime();
    control.ask(keys("DAX.DEL", objects));
    return whole ? ended - begun : copied - granted;
  }

  private static void warmUp(Peer control) throws IOException {
    for (int i = 0; i < WARM_UP_BATCHES; i++) {
      control.askAll("DAX.COMMIT", control.ask(reservations(ROUND_TRIP_KEYS, 64)), 3);
      control.askAll("DAX.UNLOCK", control.ask(keys("DAX.LOOKUP", ROUND_TRIP_KEYS)), 4);
      control.ask(keys("DAX.DEL", ROUND_TRIP_KEYS));
    }
  }

  private static int objects(long lengthBytes) {
    return (int) (BATCH_BYTES / lengthBytes);
  }

  private static String[] keys(String command, int objects) {
    String[] words = new String[1 + objects];
    words[0] = command;
    for (int i = 0; i < objects; i++) {
      words[1 + i] = "fast" + i;
    }
    return words;
  }

  private static String[] reservations(int objects, long lengthBytes) {
    String[] words = new String[1 + 2 * objects];
    words[0] = "DAX.RESERVE";
    for (int i = 0; i < objects; i++) {
      words[1 + 2 * i] = "fast" + i;
      words[2 + 2 * i] = Long.toString(lengthBytes);
    }
    return words;
  }

  private static long values(boolean store, Peer data, MemorySegment own) throws IOException {
    int objects = objects(own.byteSize());
    if (!store) {
      for (int i = 0; i < objects; i++) {
        data.set("resp" + i, own.asByteBuffer());
      }
    }
    long begun = System.nanoTime();
    for (int i = 0; i < objects; i++) {
      if (store) {
        data.set("resp" + i, own.asByteBuffer());
      } else {
        data.get("resp" + i, own.asByteBuffer());
      }
    }
    long nanos = System.nanoTime() - begun;
    for (int i = 0; i < objects; i++) {
      data.ask("DEL", "resp" + i);
    }
    return nanos;
  }

  /** A lookup and an unlock of 16 keys, one round trip each. */
  private static String roundTrips(Peer control) throws IOException {
    String[] lookup = new String[1 + ROUND_TRIP_KEYS];
    lookup[0] = "DAX.LOOKUP";
    List<String> reserved = control.ask("DAX.RESERVE", "ping", "64");
    expect("1", control.ask("DAX.COMMIT", reserved.get(2)));
    Arrays.fill(lookup, 1, lookup.length, "ping");
    long[] nanos = new long[20_000];
    for (int i = -10_000; i < nanos.length; i += 2) {
      long begun = System.nanoTime();
      List<String> grants = control.ask(lookup);
      long between = System.nanoTime();
      List<String> unlock = new ArrayList<>(List.of("DAX.UNLOCK"));
      for (int grant = 0; grant < ROUND_TRIP_KEYS; grant++) {
        unlock.add(grants.get(grant * 4 + 3));
      }
      String[] words = unlock.toArray(String[]::new);
      long again = System.nanoTime();
      control.ask(words);
      if (i >= 0) {
        nanos[i] = between - begun;
        nanos[i + 1] = System.nanoTime() - again;
      }
    }
    expect("1", control.ask("DAX.DEL", "ping"));
    Arrays.sort(nanos);
    return String.format(
        Locale.ROOT,
        "Round trip of a batch of %d on the Unix socket: p50 %.1f us, p99 %.1f us",
        ROUND_TRIP_KEYS,
        nanos[nanos.length / 2] / 1e3,
        nanos[nanos.length * 99 / 100] / 1e3);
  }

  private static MemorySegment map(String file, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(Path.of(file), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, channel.size(), arena);
      mapped.load();
      return mapped;
    }
  }

  private static void expect(String wanted, List<String> reply) {
    if (!reply.equals(List.of(wanted))) {
      throw new IllegalStateException("expected " + wanted + ", got " + reply);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** One connection. */
  private static final class Peer implements AutoCloseable {

    private final SocketChannel channel;
    private final ByteBuffer output = ByteBuffer.allocateDirect(1 << 16);
    private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 16).limit(0);

    Peer(SocketAddress address) throws IOException {
      channel = SocketChannel.open(address);
    }

    /** All scalars of the reply, nested ones included. */
    List<String> ask(String... words) throws IOException {
      output.clear();
      put("*" + words.length + "\r\n");
      for (String word : words) {
        put("$" + word.length() + "\r\n" + word + "\r\n");
      }
      output.flip();
      while (output.hasRemaining()) {
        channel.write(output);
      }
      List<String> scalars = new ArrayList<>();
      read(scalars);
      return scalars;
    }

    /** Gives all tokens of a batch back; each must still be good. */
    void askAll(String command, List<String> grants, int scalarsPerGrant) throws IOException {
      String[] words = new String[1 + grants.size() / scalarsPerGrant];
      words[0] = command;
      for (int i = 0; i < words.length - 1; i++) {
        words[1 + i] = grants.get(scalarsPerGrant * (i + 1) - 1);
      }
      if (!ask(words).stream().allMatch("1"::equals)) {
        throw new IllegalStateException("a token of " + command + " was lost");
      }
    }

    void set(String key, ByteBuffer value) throws IOException {
      output.clear();
      put("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n");
      put("$" + value.remaining() + "\r\n");
      ByteBuffer end = ByteBuffer.wrap(new byte[] {'\r', '\n'});
      ByteBuffer[] parts = {output.flip(), value, end};
      while (end.hasRemaining()) {
        channel.write(parts);
      }
      expect("OK", reply());
    }

    void get(String key, ByteBuffer value) throws IOException {
      output.clear();
      put("*2\r\n$3\r\nGET\r\n$" + key.length() + "\r\n" + key + "\r\n");
      output.flip();
      while (output.hasRemaining()) {
        channel.write(output);
      }
      line();
      int ahead = Math.min(input.remaining(), value.remaining());
      value.put(input.slice(input.position(), ahead));
      input.position(input.position() + ahead);
      while (value.hasRemaining()) {
        if (channel.read(value) < 0) {
          throw new EOFException();
        }
      }
      line();
    }

    private List<String> reply() throws IOException {
      List<String> scalars = new ArrayList<>();
      read(scalars);
      return scalars;
    }

    private void read(List<String> scalars) throws IOException {
      String line = line();
      String rest = line.substring(1);
      switch (line.charAt(0)) {
        case '*' -> {
          for (int i = Integer.parseInt(rest); i > 0; i--) {
            read(scalars);
          }
        }
        case '$' -> scalars.add(rest.equals("-1") ? "nil" : line());
        case '-' -> throw new IllegalStateException(line);
        default -> scalars.add(rest);
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (char c = next(); c != '\n'; c = next()) {
        line.append(c);
      }
      line.setLength(line.length() - 1);
      return line.toString();
    }

    private char next() throws IOException {
      if (!input.hasRemaining()) {
        input.clear();
        if (channel.read(input) < 0) {
          throw new EOFException();
        }
        input.flip();
      }
      return (char) input.get();
    }

    private void put(String text) {
      output.put(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
