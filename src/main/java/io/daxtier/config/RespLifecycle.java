package io.daxtier.config;

import io.daxtier.resp.RespServer;
import java.time.Duration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Opens the data plane when the web server opens and closes it when that closes. The container
 * calls it from one thread at a time.
 */
final class RespLifecycle implements SmartLifecycle {

  static final int PHASE = WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE;

  private final RespServer server;
  private final Duration shutdownGrace;
  private volatile boolean running;

  RespLifecycle(RespServer server, Duration shutdownGrace) {
    this.server = server;
    this.shutdownGrace = shutdownGrace;
  }

  @Override
  public void start() {
    server.start();
    running = true;
  }

  /** Lets running transfers end within the grace. */
  @Override
  public void stop() {
    server.stop(shutdownGrace);
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
