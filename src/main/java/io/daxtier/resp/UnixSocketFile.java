package io.daxtier.resp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening Unix socket. One that a dead process left behind is replaced, one that
 * somebody listens on and any other file is left alone. Owner and group may connect. For one
 * thread.
 */
final class UnixSocketFile {

  private static final System.Logger LOG = System.getLogger(UnixSocketFile.class.getName());
  private static final String PERMISSIONS = "rw-rw----";
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_SOCKET = 0140000;

  private final Path path;
  private @Nullable Object fileKey;

  UnixSocketFile(Path path) {
    this.path = path;
  }

  /**
   * Listens.
   *
   * @throws RespException if the path is taken or cannot be used
   */
  ServerSocketChannel listen() {
    try {
      removeStale();
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(PERMISSIONS));
        fileKey = attributes().fileKey();
        return channel;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RespException(
          "cannot listen on " + path + " (dax.resp.unix-socket): " + e.getMessage(), e);
    }
  }

  /** Removes the file unless it has become somebody else's. */
  void remove() {
    try {
      if (fileKey != null
          && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
          && Objects.equals(fileKey, attributes().fileKey())) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, path + " cannot be removed: " + e);
    }
  }

  private void removeStale() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE_MASK) != TYPE_SOCKET) {
      throw new RespException(path + " (dax.resp.unix-socket) exists and is not a socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobodyListens) {
      Files.delete(path);
      return;
    }
    throw new RespException(path + " (dax.resp.unix-socket) is in use by another process");
  }

  private BasicFileAttributes attributes() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
