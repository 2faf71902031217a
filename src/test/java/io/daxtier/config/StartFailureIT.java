package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Every wrong configuration says so in one line of the log and leaves nothing open. The context is
 * the service's without HTTP; {@code DaxtierProcessIT} does a few of these as a process.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartFailureIT {

  private static final long FILE_BYTES = 16 << 20;

  @TempDir private Path folder;

  @BeforeEach
  void makeDevices() throws IOException {
    for (String name : List.of("a", "b")) {
      try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
        file.setLength(FILE_BYTES);
      }
    }
    Files.createDirectory(folder.resolve("directory"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--dax.device-path=%s/none|dax.device_path: %s/none does not exist",
        "--dax.device-path=%s/directory|dax.device_path: %s/directory is a directory",
        "--dax.device-path=/dev/null|dax.device_path: /dev/null is not a Device-DAX device",
        "--dax.device-path=/proc/self/mem|dax.device_path: /proc/self/mem holds 0 bytes, fewer"
            + " than",
        "--dax.device-path=/sys/kernel/uevent_seqnum|dax.device_path: /sys/kernel/uevent_seqnum"
            + " cannot be opened",
        "--dax.device-path=%s/a --dax.max-dax-size-gb=0.02|dax.device_path: %s/a holds 16777216"
            + " bytes, fewer than the 21474836 asked for",
        "--dax.device-path=%s/a --dax.max-dax-size-gb=1e300|dax.device_path: %s/a holds 16777216"
            + " bytes",
        "--dax.device-path=%s/a --dax.slot-bytes=0|dax.slot_bytes must be a positive integer",
        "--dax.device-path= |dax.device_path must be a non-empty string",
        "--dax.devices= |dax.devices may be empty only when hotplug_enabled is true",
        "--dax.devices[0].device-path=%s/a --dax.devices[0].max-dax-size-gb=0.01"
            + " --dax.devices[1].device-path=%s/link"
            + " --dax.devices[1].max-dax-size-gb=0.01|dax.devices[1].device_path: device %s/link is"
            + " already mapped",
        "--dax.devices[0].device-path=%s/a --dax.devices[0].max-dax-size-gb=0.01"
            + " --dax.devices[1].device-path=%s/a"
            + " --dax.devices[1].max-dax-size-gb=0.01|dax.devices[1].device_path: device %s/a is"
            + " already mapped",
        "--dax.devices[0].device-path=%s/a --dax.devices[0].max-dax-size-gb=0.01"
            + " --dax.devices[1].device-path=%s/none"
            + " --dax.devices[1].max-dax-size-gb=0.01|dax.devices[1].device_path: %s/none does not"
            + " exist",
        "--dax.devices[0].device-path=%s/a --dax.devices[0].max-dax-size-gb=0.01"
            + " --dax.devices[1].device-path=%s/b"
            + " --dax.devices[1].max-dax-size-gb=0|dax.devices[1].max_dax_size_gb must be a"
            + " positive number",
        "--l2-adapter"
            + " {\"type\":\"dax\",\"device_path\":\"%s/none\",\"max_dax_size_gb\":1,\"slot_bytes\":4096}|--l2-adapter:"
            + " device_path: %s/none does not exist",
        "--l2-adapter={\"type\":\"mock\"}|--l2-adapter: type must be \"dax\"",
        "--l2-adapter={\"type\":\"dax\"} --l2-adapter={\"type\":\"dax\"}|--l2-adapter is given"
            + " twice",
        "--l2-adapter|--l2-adapter needs a value",
        "--dax.eviction.eviction-policy=ARC|dax.eviction.eviction_policy ARC is not supported yet",
        "--dax.resp.unix-socket=%s/directory|%s/directory (dax.resp.unix-socket) exists and is not"
            + " a socket",
        "--dax.resp.host=nowhere.invalid|cannot listen on nowhere.invalid:0 (dax.resp.host,"
            + " dax.resp.port): unknown host",
      })
  void start_wrongConfiguration_isOneSentence(
      String arguments, String sentence, CapturedOutput output) {
    String[] given = arguments.replace("%s", folder.toString()).strip().split(" ", -1);

    assertRefused(given, sentence.replace("%s", folder.toString()), output);
  }

  @Test
  void start_deviceHeldByAnother_isOneSentence(CapturedOutput output) {
    String[] given = {"--dax.device-path=" + folder.resolve("a"), "--dax.max-dax-size-gb=0.01"};
    try (ConfigurableApplicationContext holder = run(given)) {
      assertThat(holder.isRunning()).isTrue();
      assertRefused(
          given,
          "dax.device_path: " + folder.resolve("a") + " is in use by another process",
          output);
    }
    try (ConfigurableApplicationContext next = run(given)) {
      assertThat(next.isRunning()).isTrue();
    }
  }

  @Test
  void start_respPortInUse_isOneSentence(CapturedOutput output) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(
          new String[] {"--dax.resp.port=" + taken.getLocalPort()},
          "cannot listen on 127.0.0.1:%d (dax.resp.host, dax.resp.port): Address already in use"
              .formatted(taken.getLocalPort()),
          output);
    }
  }

  @Test
  void start_embeddedDefaultWithNoTemporaryFolder_isOneSentence(CapturedOutput output) {
    String before = System.setProperty("java.io.tmpdir", folder.resolve("none").toString());
    try {
      assertRefused(
          new String[0],
          "java.io.tmpdir: the embedded default cannot make its file " + folder + "/none/",
          output);
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  private void assertRefused(String[] arguments, String sentence, CapturedOutput output) {
    int before = output.getOut().length();
    assertThatThrownBy(() -> run(arguments).close()).isNotNull();
    String log = output.getOut().substring(before);
    assertThat(Stream.of(log.split("\n")).filter(line -> line.contains(" ERROR ")))
        .singleElement()
        .asString()
        .contains(": Daxtier cannot start: " + sentence);
    assertThat(log).doesNotContain("\tat ", "Exception");
    assertThat(output.getErr()).doesNotContain("\tat ");
  }

  /** Starts it; the arguments win over a small device's. */
  private static ConfigurableApplicationContext run(String... arguments) {
    return new SpringApplicationBuilder(DaxtierConfiguration.class, DataPlaneConfiguration.class)
        .web(WebApplicationType.NONE)
        .properties(
            "dax.max-dax-size-gb=0.01",
            "dax.slot-bytes=4096",
            "dax.resp.port=0",
            // The logger of a context without HTTP; application.yaml has that of one with it.
            "logging.level.org.springframework.context.annotation=error")
        .run(arguments);
  }
}
