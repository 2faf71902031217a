package io.daxtier.reconfigure.dax;

import io.daxtier.reconfigure.ReconfigureException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets one operation at a time through, and none while it is closed. Any thread may call it. */
final class Turnstile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Turnstile.class);

  /** How long closing waits for the operation inside, which ends at its next object. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(20);

  private final AtomicReference<@Nullable Inside> inside = new AtomicReference<>();
  private volatile boolean open;

  /** The operation that runs. */
  private record Inside(String operation, String devicePath, CountDownLatch ended) {}

  void open() {
    open = true;
  }

  boolean isOpen() {
    return open;
  }

  /**
   * Does the work, if no other is being done.
   *
   * @throws ReconfigureException 409 with the operation that runs, 503 when closed
   */
  <T> T pass(DaxRequest request, Supplier<T> work) {
    Inside mine = new Inside(request.operation(), request.devicePath(), new CountDownLatch(1));
    Inside other = inside.compareAndExchange(null, mine);
    if (other != null) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("error", "another reconfiguration is running");
      body.put("operation", other.operation());
      body.put("device_path", other.devicePath());
      throw new ReconfigureException(409, body);
    }
    try {
      if (!open) {
        throw stopping();
      }
      return work.get();
    } finally {
      inside.set(null);
      mine.ended().countDown();
    }
  }

  /** Lets nothing more in, and waits for what is inside. */
  @Override
  public void close() {
    open = false;
    Inside last = inside.get();
    if (last == null) {
      return;
    }
    try {
      if (!last.ended().await(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} of {} still runs at stop", last.operation(), last.devicePath());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static ReconfigureException stopping() {
    return new ReconfigureException(503, "service is stopping");
  }
}
