package io.daxtier.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything under {@code dax.resp}: the data plane's doors and limits.
 *
 * @param host Address to listen on.
 * @param port Port to listen on; 0 takes any free one.
 * @param unixSocket Path of a Unix socket to listen on as well.
 * @param username User name that AUTH needs beside the password.
 * @param password Password that AUTH needs. Without it only loopback peers are served.
 * @param shareDevices Whether DAX.MAP hands out the devices' descriptors on the Unix socket.
 * @param maxConnections Connections served at the same time; the next one is refused.
 * @param maxArguments Words of one command.
 * @param maxKeyBytes Bytes of a key; a longer one is refused.
 * @param maxBulkBytes Bytes of a value from which it is a protocol error, or slot-bytes if that is
 *     more.
 * @param maxInlineBytes Bytes of an inline command.
 * @param shutdownGrace How long running transfers may go on when the service stops.
 */
public record RespProperties(
    @DefaultValue("127.0.0.1") String host,
    @DefaultValue("6380") int port,
    @Nullable String unixSocket,
    @Nullable String username,
    @Nullable String password,
    @DefaultValue("false") boolean shareDevices,
    @DefaultValue("1024") int maxConnections,
    @DefaultValue("1048576") int maxArguments,
    @DefaultValue("1024") int maxKeyBytes,
    @DefaultValue("536870912") long maxBulkBytes,
    @DefaultValue("65536") int maxInlineBytes,
    @DefaultValue("20s") Duration shutdownGrace) {

  public RespProperties {
    host = Check.nonEmpty("host", host);
    Check.port("port", port);
    unixSocket = Check.absentIfBlank(unixSocket);
    if (unixSocket != null) {
      unixSocket = Check.path("unix-socket", unixSocket);
    }
    username = Check.absentIfBlank(username);
    password = Check.absentIfBlank(password);
    if (username != null && password == null) {
      throw new InvalidFieldException("username", "needs a password beside it");
    }
    Check.positive("max-connections", maxConnections);
    Check.positive("max-arguments", maxArguments);
    Check.positive("max-key-bytes", maxKeyBytes);
    Check.positive("max-bulk-bytes", maxBulkBytes);
    Check.positive("max-inline-bytes", maxInlineBytes);
    Check.duration("shutdown-grace", shutdownGrace);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "RespProperties[host=" + host + ", port=" + port + ", unixSocket=" + unixSocket + "]";
  }
}
