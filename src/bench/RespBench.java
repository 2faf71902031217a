import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * Loads two servers that speak RESP, in turns within each cell so that both see the same machine,
 * and prints a Markdown table: {@code java RespBench.java tier-address redis-address [seconds
 * [size-in-KiB,…]]}, where an address is a port or a socket's path. Plain blocking channels and
 * direct buffers, as a careful client would have it; one connection a thread.
 */
public final class RespBench {

  private static final int[] SIZES_KIB = {64, 1 << 10, 4 << 10, 16 << 10, 64 << 10};
  private static final int[] CONNECTIONS = {1, 4};
  private static final int ROUNDS = 5;
  private static final int KEYS_PER_CONNECTION = 2;

  /** Values begin at a page, as LMCache's do: how fast the kernel copies depends on it. */
  private static final int PAGE_BYTES = 4096;

  /** For each command and server, before anything is counted: the JVMs compile meanwhile. */
  private static final double WARM_UP_SECONDS = 2;

  /** Who is compared, first the one whose ratio to the other is printed. */
  private static final String[] NAMES = System.getProperty("names", "Daxtier,Redis").split(",", 2);

  private enum Command {
    SET,
    GET,
    EXISTS
  }

  private RespBench() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("latency")) {
      latency(address(arguments[1]), address(arguments[2]));
      return;
    }
    double seconds = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 0.4;
    int[] sizesKib =
        arguments.length > 3
            ? Arrays.stream(arguments[3].split(",")).mapToInt(Integer::parseInt).toArray()
            : SIZES_KIB;
    table(arguments[0], arguments[1], seconds, sizesKib);
  }

  private static void table(String tier, String redis, double seconds, int[] sizesKib)
      throws Exception {
    SocketAddress[] servers = {address(tier), address(redis)};
    System.out.printf("| op | size | connections | %s | %s | ratio |%n", NAMES[0], NAMES[1]);
    System.out.println("|---|---|---|---|---|---|");
    for (Command command : Command.values()) {
      for (SocketAddress server : servers) {
        try (Load load = new Load(server, 64 << 10, CONNECTIONS[1])) {
          load.run(command, WARM_UP_SECONDS);
        }
      }
      double logs = 0;
      int cells = 0;
      double least = Double.MAX_VALUE;
      for (int sizeKib : sizesKib) {
        int size = sizeKib << 10;
        for (int connections : CONNECTIONS) {
          double[][] rates = rates(servers, command, size, connections, seconds);
          double ours = median(rates[0]);
          double theirs = median(rates[1]);
          logs += Math.log(ours / theirs);
          least = Math.min(least, ours / theirs);
          cells++;
          System.out.printf(
              Locale.ROOT,
              "| %s | %s | %d | %s | %s | %.2f |%n",
              command,
              size < 1 << 20 ? (size >> 10) + " KiB" : (size >> 20) + " MiB",
              connections,
              shown(command, size, ours),
              shown(command, size, theirs),
              ours / theirs);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "| **%s** | geometric mean, least | | | | **%.2f**, %.2f |%n",
          command,
          Math.exp(logs / cells),
          least);
    }
  }

  private static String shown(Command command, int size, double rate) {
    return command == Command.EXISTS
        ? String.format(Locale.ROOT, "%.0f/s", rate)
        : String.format(Locale.ROOT, "%.2f GB/s", rate * size / 1e9);
  }

  /**
   * Operations per second of both servers, by round. Each always comes after the other: a server
   * that is asked again at once answers small commands half as fast as one that has slept.
   */
  private static double[][] rates(
      SocketAddress[] servers, Command command, int size, int connections, double seconds)
      throws Exception {
    double[][] rates = new double[2][ROUNDS];
    try (Load ours = new Load(servers[0], size, connections);
        Load theirs = new Load(servers[1], size, connections)) {
      for (int round = -1; round < ROUNDS; round++) {
        double rate = ours.run(command, seconds);
        double theirRate = theirs.run(command, seconds);
        if (round >= 0) {
          rates[0][round] = rate;
          rates[1][round] = theirRate;
        }
      }
    }
    return rates;
  }

  /** Lookups on one connection while four others store 64 MiB values at full speed. */
  private static void latency(SocketAddress tier, SocketAddress redis) throws Exception {
    System.out.println("| server | lookups | p50 | p99 | max |");
    System.out.println("|---|---|---|---|---|");
    double[] p99 = new double[2];
    for (int round = 0; round < 4; round++) {
      int server = round % 2;
      boolean counts = round >= 2;
      long[] nanos = lookupsWhileStoring(server == 0 ? tier : redis);
      Arrays.sort(nanos);
      p99[server] = nanos[nanos.length * 99 / 100] / 1e6;
      if (counts) {
        System.out.printf(
            Locale.ROOT,
            "| %s | %d | %.3f ms | %.3f ms | %.3f ms |%n",
            NAMES[server],
            nanos.length,
            nanos[nanos.length / 2] / 1e6,
            p99[server],
            nanos[nanos.length - 1] / 1e6);
      }
    }
    System.out.printf(Locale.ROOT, "%np99 ratio %.3f%n", p99[0] / p99[1]);
  }

  private static long[] lookupsWhileStoring(SocketAddress server) throws Exception {
    Thread load =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Load writers = new Load(server, 64 << 20, 4)) {
                    writers.run(Command.SET, 6);
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
    List<Long> nanos = new ArrayList<>();
    try (Peer peer = new Peer(server, 1)) {
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < 6_000_000_000L) {
        long before = System.nanoTime();
        peer.run(Command.EXISTS, key(0, 0));
        long after = System.nanoTime();
        if (after - begun > 1_500_000_000L) {
          nanos.add(after - before);
        }
        Thread.sleep(1);
      }
    }
    load.join();
    return nanos.stream().mapToLong(n -> n).toArray();
  }

  private static String key(int connection, int number) {
    return "bench:" + connection + ":" + number;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static SocketAddress address(String text) {
    return text.startsWith("/")
        ? UnixDomainSocketAddress.of(Path.of(text))
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(text));
  }

  /** Connections to one server, which stay open between the rounds as LMCache's do. */
  private static final class Load implements AutoCloseable {

    private final List<Peer> peers = new ArrayList<>();

    /** Connects, and stores the values that are asked for. */
    Load(SocketAddress server, int size, int connections) throws IOException {
      for (int i = 0; i < connections; i++) {
        Peer peer = new Peer(server, size);
        peers.add(peer);
        for (int key = 0; key < KEYS_PER_CONNECTION; key++) {
          peer.set(key(i, key));
        }
      }
    }

    /** Operations per second of all connections together. */
    double run(Command command, double seconds) throws Exception {
      CountDownLatch go = new CountDownLatch(1);
      long[] done = new long[peers.size()];
      List<Throwable> failures = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < done.length; i++) {
        int number = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        go.await();
                        done[number] = run(number, command, seconds);
                      } catch (Exception | Error e) {
                        synchronized (failures) {
                          failures.add(e);
                        }
                      }
                    }));
      }
      long begun = System.nanoTime();
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      long nanos = System.nanoTime() - begun;
      if (!failures.isEmpty()) {
        throw new IllegalStateException("a client failed", failures.getFirst());
      }
      return Arrays.stream(done).sum() * 1e9 / nanos;
    }

    private long run(int number, Command command, double seconds) throws IOException {
      Peer peer = peers.get(number);
      long end = System.nanoTime() + (long) (seconds * 1e9);
      long done = 0;
      while (System.nanoTime() < end) {
        peer.run(command, key(number, (int) done % KEYS_PER_CONNECTION));
        done++;
      }
      return done;
    }

    @Override
    public void close() throws IOException {
      for (Peer peer : peers) {
        peer.close();
      }
    }
  }

  /** One connection. */
  private static final class Peer implements AutoCloseable {

    private static final ByteBuffer LINE_END =
        ByteBuffer.allocateDirect(2).put((byte) '\r').put((byte) '\n').flip();

    private final SocketChannel channel;
    private final int size;
    private final ByteBuffer value;
    private final ByteBuffer head = ByteBuffer.allocateDirect(256);
    private final ByteBuffer lineEnd = LINE_END.duplicate();

    Peer(SocketAddress server, int size) throws IOException {
      channel =
          server instanceof UnixDomainSocketAddress
              ? SocketChannel.open(StandardProtocolFamily.UNIX)
              : SocketChannel.open();
      channel.connect(server);
      if (!(server instanceof UnixDomainSocketAddress)) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      this.size = size;
      this.value =
          ByteBuffer.allocateDirect(size + 2 * PAGE_BYTES).alignedSlice(PAGE_BYTES).slice(0, size);
      while (value.hasRemaining()) {
        value.put((byte) (value.position() * 31));
      }
    }

    void run(Command command, String key) throws IOException {
      switch (command) {
        case SET -> set(key);
        case GET -> get(key);
        case EXISTS -> exists(key);
      }
    }

    void set(String key) throws IOException {
      head.clear();
      put("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + size + "\r\n");
      ByteBuffer[] parts = {head.flip(), value.clear(), lineEnd.rewind()};
      while (lineEnd.hasRemaining()) {
        channel.write(parts);
      }
      expect("+OK\r\n");
    }

    private void get(String key) throws IOException {
      head.clear();
      put("*2\r\n$3\r\nGET\r\n$" + key.length() + "\r\n" + key + "\r\n");
      send();
      String header = "$" + size + "\r\n";
      head.clear().limit(header.length());
      ByteBuffer[] parts = {head, value.clear()};
      while (value.hasRemaining()) {
        if (channel.read(parts) < 0) {
          throw new EOFException();
        }
      }
      check(header);
      expect("\r\n");
    }

    private void exists(String key) throws IOException {
      head.clear();
      put("*2\r\n$6\r\nEXISTS\r\n$" + key.length() + "\r\n" + key + "\r\n");
      send();
      head.clear().limit(4);
      readHead();
    }

    private void put(String text) {
      head.put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void send() throws IOException {
      head.flip();
      while (head.hasRemaining()) {
        channel.write(head);
      }
    }

    private void expect(String text) throws IOException {
      head.clear().limit(text.length());
      readHead();
      check(text);
    }

    private void readHead() throws IOException {
      while (head.hasRemaining()) {
        if (channel.read(head) < 0) {
          throw new EOFException();
        }
      }
    }

    private void check(String expected) {
      byte[] seen = new byte[expected.length()];
      head.flip().get(seen);
      String text = new String(seen, StandardCharsets.US_ASCII);
      if (!text.equals(expected)) {
        throw new IllegalStateException("expected " + expected + ", got " + text);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
