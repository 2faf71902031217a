package io.daxtier.resp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.daxtier.device.DaxDeviceRegistry;
import io.daxtier.slot.SlotStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The data plane: serves the objects of a {@link SlotStore} over the Redis protocol, on TCP and if
 * asked on a Unix socket, one platform thread a connection. Any thread may call it; it can be
 * started again after a stop.
 */
public final class RespServer {

  private static final System.Logger LOG = System.getLogger(RespServer.class.getName());

  /** Connections that the kernel keeps until they are accepted. */
  private static final int BACKLOG = 511;

  /** For connections that were closed under their threads to end. */
  private static final Duration CLOSING_TIME = Duration.ofSeconds(5);

  private final Tier tier;
  private final Doorkeeper doorkeeper;
  private final Connections connections = new Connections();
  private final CommandTable commands;

  @GuardedBy("this")
  private final List<Listener> listeners = new ArrayList<>();

  @GuardedBy("this")
  private @Nullable UnixSocketFile socketFile;

  @GuardedBy("this")
  private @Nullable TransferWatch watch;

  private volatile int port;

  /**
   * Does not listen yet.
   *
   * @param registry for the fast path: clients are told the devices, and given their descriptors
   */
  public RespServer(
      SlotStore store, DaxDeviceRegistry registry, RespOptions options, RespObserver observer) {
    this(store, registry, options, observer, ArgumentBudget.ofHeap(), System::nanoTime);
  }

  RespServer(
      SlotStore store,
      DaxDeviceRegistry registry,
      RespOptions options,
      RespObserver observer,
      ArgumentBudget argumentBudget,
      LongSupplier nanoClock) {
    Workers workers = Workers.of(options.workers(), nanoClock);
    this.tier = new Tier(store, registry, options, observer, workers, nanoClock);
    this.doorkeeper = new Doorkeeper(options);
    this.commands = new CommandTable(tier, doorkeeper, connections, argumentBudget);
  }

  /**
   * Begins to listen.
   *
   * @throws RespException if an address cannot be had; nothing listens then
   */
  public synchronized void start() {
    if (!listeners.isEmpty()) {
      throw new IllegalStateException("already started");
    }
    try {
      ServerSocketChannel tcp = listenTcp();
      listeners.add(listener(tcp, false));
      port = ((InetSocketAddress) tcp.getLocalAddress()).getPort();
      Path unixSocket = tier.options().listen().unixSocket();
      if (unixSocket != null) {
        UnixSocketFile file = new UnixSocketFile(unixSocket);
        listeners.add(listener(file.listen(), true));
        socketFile = file;
      }
    } catch (IOException e) {
      closeListeners();
      throw new RespException("cannot listen: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeListeners();
      throw e;
    }
    watch =
        new TransferWatch(
            tier.options().transferTimeout(), connections::all, tier.store()::endSession);
    watch.start();
    for (Listener listener : listeners) {
      Thread.ofPlatform().name("resp-accept").daemon().start(listener);
    }
    LOG.log(Level.INFO, "RESP on " + tier.options().listen().host() + ":" + port);
  }

  /**
   * Stops accepting, lets running commands end within the grace and closes all connections.
   * Idempotent.
   */
  public synchronized void stop(Duration grace) {
    closeListeners();
    connections.all().forEach(Connection::leave);
    if (!connections.awaitNone(grace)) {
      LOG.log(
          Level.WARNING,
          connections.count() + " transfers did not end within " + grace.toSeconds() + " s");
      connections.all().forEach(Connection::disconnect);
      if (!connections.awaitNone(CLOSING_TIME)) {
        LOG.log(Level.ERROR, connections.count() + " connections did not end");
      }
    }
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  /** The TCP port it listens on, also where port 0 was asked for; 0 before the start. */
  public int port() {
    return port;
  }

  public RespSnapshot snapshot() {
    return connections.snapshot(tier.workers());
  }

  private ServerSocketChannel listenTcp() throws IOException {
    RespOptions.Listen listen = tier.options().listen();
    InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, BACKLOG);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new RespException(
          "cannot listen on "
              + listen.host()
              + ":"
              + listen.port()
              + " (dax.resp.host, dax.resp.port): "
              + (address.isUnresolved() ? "unknown host" : e.getMessage()),
          e);
    }
  }

  private Listener listener(ServerSocketChannel channel, boolean unixSocket) {
    return new Listener(channel, unixSocket, doorkeeper, commands, connections);
  }

  @GuardedBy("this")
  private void closeListeners() {
    for (Listener listener : listeners) {
      try {
        listener.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "a listener did not close well: " + e);
      }
    }
    listeners.clear();
    if (socketFile != null) {
      socketFile.remove();
      socketFile = null;
    }
  }
}
