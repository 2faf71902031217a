package io.daxtier.resp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts connections on one address and gives each a thread. {@link #run} is the listener's own
 * thread; {@link #close} ends it.
 */
final class Listener implements Runnable, AutoCloseable {

  private static final System.Logger LOG = System.getLogger(Listener.class.getName());

  /** After an accept that failed, such as for want of descriptors. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * For peers on this host; the kernel doubles it. What TCP's grows to by itself, 4 MiB, leaves the
   * caches before the peer reads it (across a network that is what it takes to fill the line). What
   * a Unix socket has by itself is half of this, and then each end waits for the other.
   */
  private static final int LOCAL_SEND_BYTES = 208 * 1024;

  private static final long CONNECTION_STACK_BYTES = 512 * 1024;

  private final ServerSocketChannel server;
  private final boolean unixSocket;
  private final Doorkeeper doorkeeper;
  private final CommandTable commands;
  private final Connections connections;
  private final OncePerMinute refusalLine;

  Listener(
      ServerSocketChannel server,
      boolean unixSocket,
      Doorkeeper doorkeeper,
      CommandTable commands,
      Connections connections) {
    this.server = server;
    this.unixSocket = unixSocket;
    this.doorkeeper = doorkeeper;
    this.commands = commands;
    this.connections = connections;
    this.refusalLine = new OncePerMinute(commands.tier()::now);
  }

  @Override
  public void run() {
    while (server.isOpen()) {
      try {
        welcome(server.accept());
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | OutOfMemoryError e) {
        LOG.log(Level.WARNING, "a connection could not be accepted: " + e);
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
  }

  private void welcome(SocketChannel channel) throws IOException {
    Connection connection = null;
    try {
      SocketAddress address = channel.getRemoteAddress();
      String peer = unixSocket ? "unix" : address.toString().replaceFirst("^.*/", "");
      if (!doorkeeper.serves(address)) {
        reject(channel, peer, Sentences.DENIED);
      } else if (connections.count() >= commands.tier().options().limits().connections()) {
        reject(channel, peer, Sentences.MAX_CLIENTS);
      } else {
        if (!unixSocket) {
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
          channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (unixSocket || ((InetSocketAddress) address).getAddress().isLoopbackAddress()) {
          channel.setOption(StandardSocketOptions.SO_SNDBUF, LOCAL_SEND_BYTES);
        }
        connection = new Connection(channel, peer, unixSocket, commands);
        start(connection);
      }
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      if (connection != null) {
        connections.remove(connection);
        connection.end();
      }
      throw e;
    }
  }

  private void start(Connection connection) {
    connections.add(connection);
    Thread.ofPlatform()
        .name("resp-" + connection.client().id)
        .stackSize(CONNECTION_STACK_BYTES)
        .daemon()
        .start(
            () -> {
              try {
                connection.run();
              } finally {
                connections.remove(connection);
              }
            });
    if (!server.isOpen()) {
      connection.leave();
    }
  }

  private void reject(SocketChannel channel, String peer, String sentence) throws IOException {
    long count = connections.reject();
    if (refusalLine.isDue()) {
      LOG.log(Level.INFO, "%s refused: %s (%d so far)".formatted(peer, sentence, count));
    }
    try (channel) {
      channel.configureBlocking(false);
      channel.write(ByteBuffer.wrap(("-" + sentence + "\r\n").getBytes(StandardCharsets.US_ASCII)));
      channel.shutdownOutput();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
