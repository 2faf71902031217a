package io.daxtier.resp;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TransferWatchTest {

  @Test
  void sweep_thatFails_isNotTheLast() {
    AtomicInteger sweeps = new AtomicInteger();
    try (TransferWatch watch =
        new TransferWatch(
            Duration.ofMillis(8),
            () -> {
              throw new IllegalStateException("sweep " + sweeps.incrementAndGet());
            },
            id -> {})) {
      watch.start();
      await().until(() -> sweeps.get() > 1);
    }
  }
}
