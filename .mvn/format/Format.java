import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Runs google-java-format over every Java file of the project: {@code Format check|apply}. */
final class Format {

  private static final List<Path> ROOTS = List.of(Path.of("src"), Path.of(".mvn", "format"));

  public static void main(String[] args) {
    boolean apply = List.of(args).equals(List.of("apply"));
    var mode = apply ? Stream.of("--replace") : Stream.of("--dry-run", "--set-exit-if-changed");
    int status =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                Stream.concat(mode, javaFiles().stream()).toArray(String[]::new));
    if (status != 0 && !apply) {
      System.err.println("Not formatted: the files above. ./mvnw -B validate -Pformat does it.");
    }
    System.exit(status);
  }

  private static List<String> javaFiles() {
    return ROOTS.stream()
        .flatMap(Format::walk)
        .map(Path::toString)
        .filter(name -> name.endsWith(".java"))
        .sorted()
        .toList();
  }

  private static Stream<Path> walk(Path root) {
    try {
      return Files.walk(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
