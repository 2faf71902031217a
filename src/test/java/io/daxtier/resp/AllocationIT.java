package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command leaves little behind on the heap, whatever the length of its value. */
@Timeout(120)
class AllocationIT {

  private static final int OPERATIONS = 50;
  private static final long LIMIT_BYTES = 4096;

  @ParameterizedTest
  @ValueSource(ints = {64 << 10, 16 << 20})
  void setAndGet_allocateLittle(int length) throws IOException {
    try (TestTier tier = TestTier.builder().slotBytes(16 << 20).slots(4).start();
        RespPeer peer = tier.connect()) {
      byte[] set = RespPeer.frame(RespPeer.bytes("SET"), RespPeer.bytes("k"), new byte[length]);
      assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      long thread = connectionThread();
      assertThat(perOperation(thread, () -> roundTrip(peer, set))).isLessThan(LIMIT_BYTES);
      byte[] get = RespPeer.frame(RespPeer.bytes("GET"), RespPeer.bytes("k"));
      int reply = ("$" + length + "\r\n").length() + length + 2;
      assertThat(perOperation(thread, () -> load(peer, get, reply))).isLessThan(LIMIT_BYTES);
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private static void roundTrip(RespPeer peer, byte[] frame) throws IOException {
    peer.send(frame);
    assertThat(peer.readText(5)).isEqualTo("+OK\r\n");
  }

  private static void load(RespPeer peer, byte[] frame, int reply) throws IOException {
    peer.send(frame);
    assertThat(peer.read(reply)).endsWith('\r', '\n');
  }

  private static long perOperation(long thread, Step step) throws IOException {
    for (int i = 0; i < 5; i++) {
      step.run();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(thread);

    for (int i = 0; i < OPERATIONS; i++) {
      step.run();
    }
    return (threads.getThreadAllocatedBytes(thread) - before) / OPERATIONS;
  }

  private static long connectionThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().matches("resp-\\d+"))
        .mapToLong(Thread::threadId)
        .max()
        .orElseThrow();
  }
}
