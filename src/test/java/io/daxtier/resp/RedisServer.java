package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real redis-server on a free port, to compare with. */
final class RedisServer implements AutoCloseable {

  private final Path folder;
  private final Process process;
  private final int port;

  RedisServer(String... arguments) throws IOException {
    folder = Files.createTempDirectory("redis");
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(
            List.of("redis-server", "--port", Integer.toString(port), "--save", "", "--dir"));
    command.add(folder.toString());
    command.addAll(List.of(arguments));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(this::answers);
  }

  static boolean isInstalled() {
    try {
      Process version = new ProcessBuilder("redis-server", "--version").start();
      String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return version.waitFor() == 0 && text.contains("v=7.");
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean answers() throws IOException {
    assertThat(process.isAlive()).isTrue();
    try (RespPeer peer = connect()) {
      return !peer.ask("PING").isEmpty();
    }
  }

  RespPeer connect() throws IOException {
    return RespPeer.tcp(port);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().join();
    Files.delete(folder);
  }
}
