package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.daxtier.reconfigure.ControlClient.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which device a path leads to, and whether it may be mapped. */
class DevicePathsIT extends WithDaxRig {

  static Path outside;

  @BeforeAll
  static void makeOutside() throws IOException {
    outside = Files.createDirectory(folder.resolve("outside"));
  }

  @Test
  void filesThatCannotBeMapped_400_row45() throws IOException {
    Path shortFile = rig.file(1);
    Path directory = Files.createDirectory(folder.resolve("dax-directory"));
    Path nullDevice = Files.createSymbolicLink(folder.resolve("dax-null"), Path.of("/dev/null"));

    for (Path path : List.of(shortFile, directory, folder.resolve("dax-none"))) {
      Reply reply = rig.add(path, 2);
      assertThat(reply.status()).as(path.toString()).isEqualTo(400);
      assertThat(reply.text()).isEqualTo("{\"error\":\"failed to map DAX device\"}");
      assertThat(rig.registry.lastRefusal()).get(as(STRING)).startsWith(path + " ");
    }
    assertThat(rig.add(nullDevice, 2).status()).as("leads out of the allowed paths").isEqualTo(403);
    assertThat(Files.size(shortFile)).as("never extended").isEqualTo(DaxRig.SLOT);
    assertThat(folder.resolve("dax-none")).doesNotExist();
  }

  @Test
  void pathsThatAreNotAllowed_403_whateverIsThere() throws IOException {
    Path secret = Files.write(outside.resolve("dax-secret"), new byte[4 * DaxRig.SLOT]);
    Path link = Files.createSymbolicLink(folder.resolve("dax-link"), secret);
    Path dangling =
        Files.createSymbolicLink(folder.resolve("dax-dangling"), outside.resolve("none"));

    for (String path :
        List.of(
            secret.toString(),
            outside.resolve("dax-none").toString(),
            link.toString(),
            dangling.toString(),
            folder + "/dax/../outside/dax-secret",
            "/etc/passwd",
            "/no/such/file",
            "dax0",
            "a\\u0000b",
            "x".repeat(5000))) {
      Reply reply = post("add", "{\"device_path\":\"" + path + "\",\"size\":65536}");
      assertThat(reply.status()).as(path).isEqualTo(403);
      assertThat(reply.text()).isEqualTo("{\"error\":\"device_path is not allowed\"}");
    }
    assertThat(secret).hasBinaryContent(new byte[4 * DaxRig.SLOT]);
  }

  @Test
  void removeAndResize_ofNoDevice_404_whateverIsThere() {
    for (String path : List.of("/etc/passwd", "/no/such/file", folder + "/dax-none", "a\\u0000b")) {
      Reply remove = post("remove", "{\"device_path\":\"" + path + "\"}");
      Reply resize = post("resize", "{\"device_path\":\"" + path + "\",\"size\":65536}");
      for (Reply reply : List.of(remove, resize)) {
        assertThat(reply.status()).as(path).isEqualTo(404);
        assertThat(reply.error()).isEqualTo("DAX device not found");
      }
    }
    Path removed = rig.device(1);
    rig.remove(removed, "evict", false);
    assertThat(rig.remove(removed, "evict", false).status()).as("removed already").isEqualTo(404);
  }

  @Test
  void otherNamesOfADevice() throws IOException {
    Path device = rig.device(2);
    Path link = Files.createSymbolicLink(folder.resolve("alias"), device);
    Path hardLink = Files.createLink(folder.resolve("dax-hard"), device);

    for (Path name : List.of(link, hardLink)) {
      Reply again = rig.add(name, 2);
      assertThat(again.status()).isEqualTo(200);
      assertThat(again.json().at("/device/device_path").asString()).isEqualTo(device.toString());
      assertThat(rig.add(name, 1).status()).isEqualTo(409);
    }
    assertThat(rig.resize(hardLink, 1, "migrate", false).status()).isEqualTo(200);
    assertThat(rig.remove(link, "drain", false).status()).isEqualTo(200);
    assertThat(rig.state(device)).isEqualTo("draining");
    assertThat(rig.remove(hardLink, "migrate", false).json().get("device_path").asString())
        .isEqualTo(device.toString());
  }

  @Test
  void deviceThatAnotherProcessHolds_409() throws Exception {
    Path file = rig.file(2);
    Process holder =
        new ProcessBuilder("flock", file.toString(), "sh", "-c", "echo held; read line")
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");

      Reply reply = rig.add(file, 2);

      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.text()).isEqualTo("{\"error\":\"device is in use by another process\"}");
    } finally {
      holder.outputWriter().close();
      holder.waitFor();
    }
    assertThat(rig.add(file, 2).status()).as("afterwards").isEqualTo(200);
  }

  @Test
  void deviceOfTheStart_mayComeBackFromOutsideTheAllowedPaths(@TempDir Path other)
      throws IOException {
    Path start = Files.write(other.resolve("start"), new byte[2 * DaxRig.SLOT]);
    DaxRig.Options options = new DaxRig.Options(true, Duration.ZERO, List.of(start));
    try (DaxRig started = new DaxRig(other, options)) {
      started.store.attach(started.registry.add(start, 2 * DaxRig.SLOT));

      assertThat(started.remove(start, "migrate", false).status()).isEqualTo(200);
      assertThat(started.add(start, 2).status()).isEqualTo(200);
      assertThat(started.status().get("devices").size()).isEqualTo(2);
    }
  }
}
