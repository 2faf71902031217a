package io.daxtier.monitor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Lets the meters follow what comes and goes: devices within a second, salts within ten (they are
 * sorted, and there may be many). One daemon thread while the service runs.
 */
final class MeterRefresher implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(MeterRefresher.class);
  private static final long DEVICE_SECONDS = 1;
  private static final long SALT_SECONDS = 10;

  private final DeviceMeterBinder devices;
  private final SaltMeterBinder salts;

  @GuardedBy("this")
  private @Nullable ScheduledExecutorService executor;

  MeterRefresher(DeviceMeterBinder devices, SaltMeterBinder salts) {
    this.devices = devices;
    this.salts = salts;
  }

  @Override
  public synchronized void start() {
    if (executor == null) {
      ScheduledExecutorService started =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("meter-refresher").factory());
      every(DEVICE_SECONDS, devices::refresh, started);
      every(SALT_SECONDS, salts::refresh, started);
      executor = started;
    }
  }

  /** A refresh that fails must not be the last. */
  private static void every(long seconds, Runnable refresh, ScheduledExecutorService executor) {
    var _ =
        executor.scheduleWithFixedDelay(
            () -> {
              try {
                refresh.run();
              } catch (RuntimeException e) {
                LOG.error("meters could not follow and will try again in {} s", seconds, e);
              }
            },
            0,
            seconds,
            TimeUnit.SECONDS);
  }

  @Override
  public synchronized void stop() {
    if (executor != null) {
      executor.shutdownNow();
      executor = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return executor != null;
  }
}
