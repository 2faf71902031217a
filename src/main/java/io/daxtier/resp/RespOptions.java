package io.daxtier.resp;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the data plane behaves; the properties {@code dax.resp.*} with the worker counts.
 *
 * @param listen where clients connect
 * @param credentials what AUTH must say; null serves loopback peers without
 * @param shareDevices whether DAX.MAP hands out device descriptors
 * @param limits what a client may send
 * @param workers how many transfers and lookups run at the same time
 * @param transferTimeout a transfer slower than 64 KiB/s for this long is aborted
 */
public record RespOptions(
    Listen listen,
    @Nullable Credentials credentials,
    boolean shareDevices,
    Limits limits,
    Workers workers,
    Duration transferTimeout) {

  /**
   * Where clients connect.
   *
   * @param port 0 takes a free one
   * @param unixSocket path of a second listener, if any
   */
  public record Listen(String host, int port, @Nullable Path unixSocket) {
    public Listen {
      require(!host.isBlank(), "host must not be blank");
      require(port >= 0 && port <= 65_535, "port must be 0 to 65535: " + port);
    }
  }

  /**
   * What AUTH must say.
   *
   * @param username null admits Redis's "default" and AUTH with the password alone
   */
  public record Credentials(@Nullable String username, String password) {
    @Override
    public String toString() {
      return "Credentials[username=" + username + "]";
    }
  }

  /**
   * What a client may send.
   *
   * @param connections open at the same time; the next one is refused
   * @param arguments words of a command
   * @param keyBytes length of a key; a longer one is refused in step
   * @param bulkBytes length of a value beyond which the connection is closed; at least a slot
   * @param inlineBytes length of an inline command or of a word that is neither key nor value
   */
  public record Limits(
      int connections, int arguments, int keyBytes, long bulkBytes, int inlineBytes) {

    public Limits {
      require(connections > 0, "connections must be positive: " + connections);
      require(arguments > 0, "arguments must be positive: " + arguments);
      require(keyBytes > 0, "keyBytes must be positive: " + keyBytes);
      require(bulkBytes > 0, "bulkBytes must be positive: " + bulkBytes);
      require(inlineBytes > 0, "inlineBytes must be positive: " + inlineBytes);
    }
  }

  /** How many stores, lookups and loads work at the same time; more wait in order. */
  public record Workers(int store, int lookup, int load) {
    public Workers {
      require(store > 0, "store workers must be positive: " + store);
      require(lookup > 0, "lookup workers must be positive: " + lookup);
      require(load > 0, "load workers must be positive: " + load);
    }
  }

  public RespOptions {
    require(transferTimeout.isPositive(), "transferTimeout must be positive: " + transferTimeout);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
