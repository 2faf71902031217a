import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Runs google-java-format over every Java file of the project: {@code Format check|apply}. */
final class Format {

  private static final List<Path> ROOTS = List.of(Path.of("src"), Path.of(".mvn", "format"));

  public static void main(String[] args) throws IOException {
    boolean apply = List.of(args).equals(List.of("apply"));
    var mode = apply ? Stream.of("--replace") : Stream.of("--dry-run", "--set-exit-if-changed");
    Main.main(Stream.concat(mode, javaFiles().stream()).toArray(String[]::new));
  }

  private static List<String> javaFiles() throws IOException {
    try (var files = ROOTS.stream().flatMap(Format::walk).map(Path::toString)) {
      return files.filter(name -> name.endsWith(".java")).sorted().toList();
    }
  }

  private static Stream<Path> walk(Path root) {
    try {
      return Files.walk(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
