package io.daxtier.resp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/** Decides who is served. Immutable. */
final class Doorkeeper {

  /** Who AUTH with a password alone is. */
  static final byte[] DEFAULT_USER = "default".getBytes(StandardCharsets.UTF_8);

  private final boolean hasPassword;
  private final byte[] username;
  private final byte[] password;

  Doorkeeper(RespOptions options) {
    RespOptions.Credentials credentials = options.credentials();
    hasPassword = credentials != null;
    String name = credentials == null ? null : credentials.username();
    username = name == null ? DEFAULT_USER : name.getBytes(StandardCharsets.UTF_8);
    password =
        credentials == null ? new byte[0] : credentials.password().getBytes(StandardCharsets.UTF_8);
  }

  boolean hasPassword() {
    return hasPassword;
  }

  /** Whether this is the user; without a password the default user may say anything. */
  boolean admits(byte[] givenUsername, byte[] givenPassword) {
    if (!hasPassword) {
      return Arrays.equals(givenUsername, DEFAULT_USER);
    }
    // both are always compared, each in constant time
    boolean knownUser = MessageDigest.isEqual(username, givenUsername);
    boolean knownPassword = MessageDigest.isEqual(password, givenPassword);
    return knownUser && knownPassword;
  }

  /** Whether a peer may connect at all: without a password only from this host. */
  boolean serves(SocketAddress peer) {
    if (hasPassword || !(peer instanceof InetSocketAddress internet)) {
      return true;
    }
    InetAddress address = internet.getAddress();
    return address != null && address.isLoopbackAddress();
  }
}
