package io.daxtier.resp;

/**
 * What a connection knows about its peer. Written by the connection's thread; the volatile fields
 * may be read by any.
 */
final class Client {

  /** Also the id of its session. */
  final long id;

  final String peer;
  final boolean overUnixSocket;
  final long connectedAtNanos;

  volatile String name = "";
  volatile String libraryName = "";
  volatile String libraryVersion = "";
  volatile String lastCommand = "NULL";
  volatile boolean usesResp3;

  boolean authenticated;

  /** Whether it has sent nothing but what LMCache's resp adapter sends. */
  boolean maybeLmCache = true;

  /** Length of the value it sent or received last, refused ones included; -1 if there was none. */
  long lastValueBytes = -1;

  boolean quitting;

  Client(
      long id, String peer, boolean overUnixSocket, boolean authenticated, long connectedAtNanos) {
    this.id = id;
    this.peer = peer;
    this.overUnixSocket = overUnixSocket;
    this.authenticated = authenticated;
    this.connectedAtNanos = connectedAtNanos;
  }
}
