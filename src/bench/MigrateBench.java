import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Migrates a device's objects to another device and back while one client looks keys up and another
 * loads objects, and compares with the same clients on an idle service and with a plain copy
 * between the same devices: {@code java MigrateBench.java http-port resp-port folder objects
 * rounds}. Prints a Markdown table. {@code migrate.sh} starts the service for it.
 *
 * <p>Before each measured migration every slot of the target has been written once, so that page
 * faults of a fresh file mapping, which a DAX device has 512 times fewer of, are not measured.
 */
public final class MigrateBench {

  private static final int OBJECT_BYTES = 1 << 20;
  private static final long LOOKUP_PERIOD_NANOS = 1_000_000;
  private static final long LOAD_PERIOD_NANOS = 5_000_000;
  private static final long IDLE_NANOS = 2_000_000_000L;
  private static final Pattern MOVED_BYTES = Pattern.compile("\"moved_bytes\":(\\d+)");

  private final int httpPort;
  private final int respPort;
  private final Path folder;
  private final int objects;
  private final HttpClient http = HttpClient.newHttpClient();

  private MigrateBench(int httpPort, int respPort, Path folder, int objects) {
    this.httpPort = httpPort;
    this.respPort = respPort;
    this.folder = folder;
    this.objects = objects;
  }

  public static void main(String[] arguments) throws Exception {
    MigrateBench bench =
        new MigrateBench(
            Integer.parseInt(arguments[0]),
            Integer.parseInt(arguments[1]),
            Path.of(arguments[2]),
            Integer.parseInt(arguments[3]));
    bench.run(Integer.parseInt(arguments[4]));
  }

  private void run(int rounds) throws Exception {
    Samples idleLookups = new Samples();
    Samples idleLoads = new Samples();
    Samples lookups = new Samples();
    Samples loads = new Samples();
    double[] quiet = new double[rounds];
    double[] busy = new double[rounds];
    double[] copy = new double[rounds];
    double[] ratio = new double[rounds];
    Path source = folder.resolve("dax0");
    Path target = folder.resolve("dax1");
    store("bench");
    for (int round = 0; round < rounds; round++) {
      prepare(source, target);
      double before = copySpeed(source, target);
      quiet[round] = migrate(source);
      copy[round] = (before + copySpeed(target, source)) / 2;
      ratio[round] = quiet[round] / copy[round];
      prepare(target, source);
      AtomicBoolean idle = new AtomicBoolean();
      Clients clients = new Clients(idle, idleLookups, idleLoads);
      LockSupport.parkNanos(IDLE_NANOS);
      idle.set(true);
      clients.join();
      AtomicBoolean done = new AtomicBoolean();
      clients = new Clients(done, lookups, loads);
      busy[round] = migrate(target);
      done.set(true);
      clients.join();
    }
    print("lookup p99, idle", idleLookups.percentile(0.99) / 1e6, "ms");
    print("lookup p99, migrating (at most 5)", lookups.percentile(0.99) / 1e6, "ms");
    print("lookup maximum, migrating", lookups.percentile(1) / 1e6, "ms");
    print("1 MiB GET p99, idle", idleLoads.percentile(0.99) / 1e6, "ms");
    print("1 MiB GET p99, migrating", loads.percentile(0.99) / 1e6, "ms");
    print(
        "1 MiB GET p99, migrating / idle (at most 3)",
        loads.percentile(0.99) / idleLoads.percentile(0.99),
        "");
    print("plain copy, median", median(copy), "GB/s");
    print("migration without clients, median", median(quiet), "GB/s");
    print("migration / plain copy (at least 0.6)", median(ratio), "");
    print("migration with clients, median", median(busy), "GB/s");
    System.out.println(
        "| samples while migrating | %d lookups, %d GETs |".formatted(lookups.count, loads.count));
  }

  private static void print(String what, double value, String unit) {
    System.out.println(String.format(Locale.ROOT, "| %s | %.2f %s |", what, value, unit));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Adds the target and writes each of its slots once, while the source keeps what it has. */
  private void prepare(Path source, Path target) throws Exception {
    String size = "\"size\":" + (long) (objects + objects / 8) * OBJECT_BYTES;
    post("add", "\"device_path\":\"" + target + "\"," + size);
    post("remove", "\"device_path\":\"" + source + "\",\"mode\":\"drain\"");
    store("fill");
    try (Connection connection = new Connection(respPort)) {
      for (int i = 0; i < objects; i++) {
        connection.integer("DEL", "fill:" + i);
      }
    }
    post("add", "\"device_path\":\"" + source + "\"," + size);
  }

  private void store(String prefix) throws IOException {
    byte[] value = new byte[OBJECT_BYTES];
    new Random(1).nextBytes(value);
    try (Connection connection = new Connection(respPort)) {
      for (int i = 0; i < objects; i++) {
        connection.set(prefix + ":" + i, value);
      }
    }
  }

  /** Takes a device out; GB/s of payload. */
  private double migrate(Path device) throws Exception {
    long start = System.nanoTime();
    String reply = post("remove", "\"device_path\":\"" + device + "\",\"mode\":\"migrate\"");
    long nanos = System.nanoTime() - start;
    Matcher moved = MOVED_BYTES.matcher(reply);
    if (!moved.find() || Long.parseLong(moved.group(1)) != (long) objects * OBJECT_BYTES) {
      throw new IllegalStateException("not all was moved: " + reply);
    }
    return (double) objects * OBJECT_BYTES / nanos;
  }

  private String post(String operation, String fields) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + httpPort + "/reconfigure/dax/" + operation);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{" + fields + "}"))
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(operation + ": " + response.body());
    }
    return response.body();
  }

  /**
   * GB/s of a plain copy of as many bytes from one device to the other, which must be empty, in one
   * thread, between mappings whose page tables are there.
   */
  private double copySpeed(Path source, Path target) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      long bytes = (long) objects * OBJECT_BYTES;
      MemorySegment from = map(arena, source, bytes);
      MemorySegment to = map(arena, target, bytes);
      copy(from, to);
      long start = System.nanoTime();
      copy(from, to);
      return (double) bytes / (System.nanoTime() - start);
    }
  }

  private static void copy(MemorySegment from, MemorySegment to) {
    for (long at = 0; at < from.byteSize(); at += OBJECT_BYTES) {
      MemorySegment.copy(from, at, to, at, OBJECT_BYTES);
    }
  }

  private static MemorySegment map(Arena arena, Path device, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(MapMode.READ_WRITE, 0, bytes, arena);
    }
  }

  /** One client that looks up and one that loads, each at its pace, until told to stop. */
  private final class Clients {

    private final CompletableFuture<Void> both;

    Clients(AtomicBoolean done, Samples lookups, Samples loads) {
      both =
          CompletableFuture.allOf(
              CompletableFuture.runAsync(() -> lookUp(done, lookups), MigrateBench::thread),
              CompletableFuture.runAsync(() -> load(done, loads), MigrateBench::thread));
    }

    void join() {
      both.join();
    }

    private void lookUp(AtomicBoolean done, Samples samples) {
      paced(
          done,
          LOOKUP_PERIOD_NANOS,
          samples,
          (connection, key) -> {
            if (connection.integer("EXISTS", key) != 1) {
              throw new IllegalStateException(key + " is gone");
            }
          });
    }

    private void load(AtomicBoolean done, Samples samples) {
      byte[] into = new byte[OBJECT_BYTES];
      paced(done, LOAD_PERIOD_NANOS, samples, (connection, key) -> connection.get(key, into));
    }

    private void paced(AtomicBoolean done, long periodNanos, Samples samples, Action action) {
      Random random = new Random(periodNanos);
      try (Connection connection = new Connection(respPort)) {
        long next = System.nanoTime();
        while (!done.get()) {
          long start = System.nanoTime();
          action.run(connection, "bench:" + random.nextInt(objects));
          samples.add(System.nanoTime() - start);
          next = Math.max(next + periodNanos, System.nanoTime());
          LockSupport.parkNanos(next - System.nanoTime());
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private interface Action {
    void run(Connection connection, String key) throws IOException;
  }

  private static void thread(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  /** Latencies in nanoseconds. */
  private static final class Samples {

    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long value) {
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, count * 2);
      }
      nanos[count++] = value;
    }

    synchronized double percentile(double share) {
      long[] sorted = Arrays.copyOf(nanos, count);
      Arrays.sort(sorted);
      return sorted[Math.max(0, (int) Math.ceil(share * count) - 1)];
    }
  }

  /** The least of a Redis client. */
  private static final class Connection implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    Connection(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      out = socket.getOutputStream();
    }

    void set(String key, byte[] value) throws IOException {
      String head =
          "*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + value.length + "\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(value);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      expect("+OK");
    }

    void get(String key, byte[] into) throws IOException {
      send("GET", key);
      expect("$" + into.length);
      in.readFully(into);
      expect("");
    }

    long integer(String command, String key) throws IOException {
      send(command, key);
      String line = line();
      if (!line.startsWith(":")) {
        throw new IllegalStateException(command + " " + key + ": " + line);
      }
      return Long.parseLong(line.substring(1));
    }

    private void send(String command, String key) throws IOException {
      String text =
          "*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
              .formatted(command.length(), command, key.length(), key);
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void expect(String expected) throws IOException {
      String line = line();
      if (!line.equals(expected)) {
        throw new IllegalStateException("expected " + expected + ", got " + line);
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.readByte(); c != '\r'; c = in.readByte()) {
        line.append((char) c);
      }
      in.readByte();
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
