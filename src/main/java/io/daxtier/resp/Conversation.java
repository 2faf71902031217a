package io.daxtier.resp;

import io.daxtier.slot.Session;
import java.nio.channels.SocketChannel;

/**
 * All that a command handler may use of its connection. For the connection's thread.
 *
 * @param turns its places among the workers
 */
record Conversation(
    Client client,
    Session session,
    SocketChannel channel,
    CommandFrame frame,
    CommandReader reader,
    ReplyWriter replies,
    ValueTransfer values,
    Turns turns) {

  /** One turn for each kind of worker. */
  record Turns(WorkerPermits.Turn store, WorkerPermits.Turn lookup, WorkerPermits.Turn load) {}
}
