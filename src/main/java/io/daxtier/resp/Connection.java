package io.daxtier.resp;

import io.daxtier.memory.UnixSocketPeer;
import io.daxtier.slot.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One client: reads commands, has them run, until either side ends. {@link #run} is its thread; the
 * other methods may be called by any.
 */
final class Connection implements Runnable {

  private static final System.Logger LOG = System.getLogger(Connection.class.getName());

  /** What a peer may have sent behind a frame that was refused, read so that it sees the reply. */
  private static final int MAX_DRAINED_BYTES = 1 << 20;

  private enum Phase {
    /** Between commands. */
    IDLE,
    /** A command has begun to arrive. */
    BUSY,
    /** Busy, and to be closed after the command. */
    LEAVING,
    CLOSED
  }

  private final SocketChannel channel;
  private final CommandTable commands;
  private final TransferProgress progress;
  private final PeerChannel peerChannel;
  private final Client client;
  private final Conversation talk;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.IDLE);
  private final AtomicLong commandCount = new AtomicLong();

  /**
   * Opens the session of a client.
   *
   * @throws OutOfMemoryError if there is no memory for its buffers; nothing is left open
   */
  Connection(SocketChannel channel, String peer, boolean overUnixSocket, CommandTable commands) {
    this.channel = channel;
    this.commands = commands;
    Tier tier = commands.tier();
    this.progress = new TransferProgress(tier.nanoClock());
    this.peerChannel = new PeerChannel(channel, progress);
    OptionalLong pid = overUnixSocket ? UnixSocketPeer.pid(channel) : OptionalLong.empty();
    Session session = tier.store().openSession(peer, pid, this::disconnect);
    try {
      this.client =
          new Client(
              session.id(), peer, overUnixSocket, commands.servesUnauthenticated(), tier.now());
      this.talk = conversation(session);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private Conversation conversation(Session session) {
    Tier tier = commands.tier();
    ReplyWriter replies = new ReplyWriter(peerChannel);
    CommandReader reader =
        new CommandReader(
            peerChannel,
            replies,
            tier.options().limits(),
            tier.store().options().slotBytes(),
            () -> client.authenticated);
    ValueTransfer values =
        new ValueTransfer(
            tier.store(),
            peerChannel,
            reader,
            replies,
            stepBytes(tier.options()),
            client.overUnixSocket);
    return new Conversation(
        client,
        session,
        channel,
        new CommandFrame(commands.argumentBudget()),
        reader,
        replies,
        values,
        tier.workers().newTurns(progress));
  }

  /** A quarter of what the slowest peer allowed moves in one time-out, within limits. */
  private static int stepBytes(RespOptions options) {
    double seconds = options.transferTimeout().toNanos() / 1e9;
    double slowest = TransferProgress.MIN_BYTES_PER_SECOND * seconds / 4;
    return (int) Math.clamp(slowest, 4096, ValueTransfer.STEP_BYTES);
  }

  Client client() {
    return client;
  }

  String peer() {
    return client.peer;
  }

  TransferProgress progress() {
    return progress;
  }

  PeerChannel traffic() {
    return peerChannel;
  }

  long commandCount() {
    return commandCount.get();
  }

  @Override
  public void run() {
    try {
      converse();
    } catch (ProtocolException e) {
      refuse("ERR Protocol error: " + e.getMessage());
      giveUp();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, client.peer + " ended: " + e);
    } catch (UncheckedIOException e) {
      LOG.log(Level.INFO, client.peer + ": connection given up: " + e.getMessage());
      giveUp();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, client.peer + ": connection given up", e);
      giveUp();
    } finally {
      end();
    }
  }

  /** The client lives, and may be writing to slots that it has reserved: they are held back. */
  private void giveUp() {
    commands.tier().store().endSession(client.id);
  }

  /** Gives back all that the connection holds. For its thread, or where it never got one. */
  void end() {
    progress.end();
    phase.set(Phase.CLOSED);
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, client.peer + " did not close well: " + e);
    }
    talk.frame().clear(0);
    talk.session().close();
  }

  private void converse() throws IOException, ProtocolException {
    CommandReader reader = talk.reader();
    while (reader.hasInput() || reader.awaitInput()) {
      if (!phase.compareAndSet(Phase.IDLE, Phase.BUSY)) {
        return;
      }
      progress.begin();
      if (reader.read(talk.frame())) {
        commandCount.incrementAndGet();
        commands.run(talk);
        talk.frame().clear(0);
      }
      if (!reader.hasInput() || client.quitting) {
        talk.replies().flush();
      }
      progress.end();
      if (client.quitting || !phase.compareAndSet(Phase.BUSY, Phase.IDLE)) {
        talk.replies().flush();
        return;
      }
    }
  }

  /** Answers with an error, and reads what the peer still sends so that the reply gets through. */
  private void refuse(String sentence) {
    try {
      talk.replies().error(sentence);
      talk.replies().flush();
      channel.shutdownOutput();
      channel.configureBlocking(false);
      ByteBuffer rest = ByteBuffer.allocate(CommandReader.INPUT_BYTES);
      int drained = 0;
      int count = channel.read(rest);
      while (count > 0 && drained < MAX_DRAINED_BYTES) {
        drained += count;
        count = channel.read(rest.clear());
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, client.peer + " ended before it was told: " + e);
    }
  }

  /** Closes when the running command is done, at once if there is none. */
  void leave() {
    if (phase.compareAndSet(Phase.IDLE, Phase.CLOSED)) {
      disconnect();
    } else {
      phase.compareAndSet(Phase.BUSY, Phase.LEAVING);
    }
  }

  /**
   * Ends the connection at once; a command that runs breaks off. Only shuts the channel down: its
   * thread closes it, so that the descriptor cannot become another connection's while that thread
   * still uses its number.
   */
  void disconnect() {
    phase.set(Phase.CLOSED);
    try {
      channel.shutdownInput();
      channel.shutdownOutput();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, client.peer + " had ended before: " + e);
    }
  }

  /** How CLIENT LIST shows it. */
  String describe(long nowNanos) {
    return String.format(
        Locale.ROOT,
        "id=%d addr=%s name=%s age=%d flags=%s db=0 cmd=%s user=default lib-name=%s lib-ver=%s"
            + " resp=%d",
        client.id,
        client.peer,
        client.name,
        TimeUnit.NANOSECONDS.toSeconds(nowNanos - client.connectedAtNanos),
        client.overUnixSocket ? "U" : "N",
        client.lastCommand,
        client.libraryName,
        client.libraryVersion,
        client.usesResp3 ? 3 : 2);
  }
}
