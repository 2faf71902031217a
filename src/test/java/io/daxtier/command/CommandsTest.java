package io.daxtier.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void run_withArgumentsOfTheService_startsNoCommand() {
    assertThat(run()).isEmpty();
    assertThat(run("--dax.slot-bytes=4096")).isEmpty();
    assertThat(run("--l2-adapter", "smoke-check")).isEmpty();
    assertThat(run("", "smoke-chek")).isEmpty();
    assertThat(said.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smoke-chek", "Smoke-Check", "dax.slot-bytes=4096"})
  void run_withAnotherFirstWord_saysWhatIsKnown(String word) {
    assertThat(run(word, "--resp=localhost:6380")).hasValue(2);
    assertThat(said())
        .isEqualToIgnoringNewLines(
            word
                + " is neither an option of the service (--…) nor smoke-check, create-device-file"
                + " or prepare-folder");
  }

  @ParameterizedTest
  @CsvSource({
    "4KiB, 4096",
    "1MiB, 1048576",
    "1.5MiB, 1572864",
    "1e-03GiB, 1073742",
    "2.68435456e+02MiB, 281474977"
  })
  void createDeviceFile_absent_makesASparseFileOfThatSize(String size, long bytes)
      throws IOException {
    Path file = folder.resolve("dax0");

    assertThat(run("create-device-file", file + "=" + size)).hasValue(0);

    assertThat(file).hasSize(bytes);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(said()).contains(file + " has now " + bytes + " bytes");
  }

  @Test
  void createDeviceFile_present_growsButNeverShrinks() throws IOException {
    Path file = Files.write(folder.resolve("dax0"), new byte[] {1, 2, 3});

    assertThat(run("create-device-file", file + "=8KiB")).hasValue(0);
    assertThat(file).hasSize(8192);
    assertThat(run("create-device-file", file + "=4KiB")).hasValue(0);
    assertThat(file).hasSize(8192);
    assertThat(Files.readAllBytes(file)).startsWith(1, 2, 3);
  }

  @Test
  void createDeviceFile_notARegularFile_isRefused() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("elsewhere"));

    assertThat(run("create-device-file", folder + "=4KiB")).hasValue(1);
    assertThat(run("create-device-file", link + "=4KiB")).hasValue(1);
    assertThat(run("create-device-file", folder.resolve("no/such/folder") + "=4KiB")).hasValue(1);

    assertThat(said())
        .contains(folder + " is there and is not a regular file")
        .contains(link + " is there and is not a regular file")
        .contains("cannot create " + folder.resolve("no/such/folder"));
    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "relative=4KiB, is not PATH=SIZE",
    "/a, is not PATH=SIZE",
    "/a=4, is not PATH=SIZE",
    "/a=-4KiB, is not PATH=SIZE",
    "/a=4e-KiB, has no size",
    "/a=1e+99GiB, has no size",
    "/a=1e+999999999GiB, has no size",
    "/a=1e-999999999GiB, has no size"
  })
  void createDeviceFile_calledWrongly_saysSo(String argument, String sentence) {
    assertThat(run("create-device-file", argument)).hasValue(2);
    assertThat(said()).contains(argument + " " + sentence);
  }

  @Test
  void prepareFolder_ownFolder_mayBeWrittenByTheGroup() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    assertThat(run("prepare-folder", folder.toString())).hasValue(0);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwxrwxr-x");
    assertThat(said()).contains(folder + " may now be written by group ");
  }

  @Test
  void prepareFolder_absent_fails() {
    assertThat(run("prepare-folder", folder.resolve("none").toString())).hasValue(1);
    assertThat(said()).contains("cannot prepare " + folder.resolve("none"));
  }

  @Test
  void anyCommand_withoutArguments_saysWhatItNeeds() {
    assertThat(run("prepare-folder")).hasValue(2);
    assertThat(run("create-device-file")).hasValue(2);
    assertThat(run("smoke-check")).hasValue(2);
    assertThat(said())
        .contains("prepare-folder needs at least one folder")
        .contains("create-device-file needs PATH=SIZE")
        .contains("nothing to check: smoke-check --resp=HOST:PORT");
  }

  private OptionalInt run(String... args) {
    return Commands.run(args, Map.of(), new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }
}
