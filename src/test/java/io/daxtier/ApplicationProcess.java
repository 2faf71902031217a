package io.daxtier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Daxtier as operators run it: a process of its own, from the packaged jar where Maven says which,
 * else from the class path. Closing it kills it.
 */
public final class ApplicationProcess implements AutoCloseable {

  /** A start takes two seconds on an idle machine; builds run on busy ones. */
  private static final Duration LONG = Duration.ofMinutes(3);

  private static final Pattern RESP_PORT = Pattern.compile("RESP on \\S+:(\\d+)");
  private static final Pattern HTTP_PORT = Pattern.compile("Tomcat started on port (\\d+)");

  private final Process process;
  private final Path output;

  private ApplicationProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it with free ports unless the arguments say which. */
  public static ApplicationProcess start(
      Path folder, Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Djava.io.tmpdir=" + folder);
    String jar = System.getProperty("daxtier.jar");
    if (jar == null) {
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
              "-cp",
              System.getProperty(
                  "surefire.test.class.path", System.getProperty("java.class.path", "")),
              DaxtierApplication.class.getName()));
    } else {
      command.addAll(List.of("-jar", jar));
    }
    command.addAll(List.of(arguments));
    for (String port : List.of("--server.port", "--dax.resp.port")) {
      if (List.of(arguments).stream().noneMatch(given -> given.startsWith(port + "="))) {
        command.add(port + "=0");
      }
    }
    Path output = Files.createTempFile(folder, "output", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(new File("."))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(ApplicationProcess::isConfiguration);
    builder.environment().putAll(environment);
    return new ApplicationProcess(builder.start(), output);
  }

  private static boolean isConfiguration(String variable) {
    return variable.startsWith("DAX_")
        || variable.startsWith("SPRING_")
        || variable.startsWith("L2_ADAPTER");
  }

  public ApplicationProcess awaitStarted() {
    await()
        .atMost(LONG)
        .until(() -> !process.isAlive() || output().contains("Started DaxtierApplication"));
    assertThat(output()).contains("Started DaxtierApplication");
    return this;
  }

  public int respPort() {
    return port(RESP_PORT);
  }

  public int httpPort() {
    return port(HTTP_PORT);
  }

  /**
   * The port of its own that {@code management.server.port} asks for; the same as HTTP's if not.
   */
  public int managementPort() {
    List<MatchResult> ports = HTTP_PORT.matcher(output()).results().toList();
    return Integer.parseInt(ports.getLast().group(1));
  }

  private int port(Pattern pattern) {
    MatchResult found = pattern.matcher(output()).results().findFirst().orElseThrow();
    return Integer.parseInt(found.group(1));
  }

  /** What it wrote so far, log and all. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Lines of the log at the level. */
  List<String> lines(String level) {
    return output().lines().filter(line -> line.contains(" " + level + " ")).toList();
  }

  void terminate() {
    process.destroy();
  }

  int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
