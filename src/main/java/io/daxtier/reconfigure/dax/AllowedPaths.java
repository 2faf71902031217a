package io.daxtier.reconfigure.dax;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The paths that a device may be added by. Without this rule a caller could map, and so overwrite,
 * any file that the process may open. Immutable; reads the file system at every question.
 *
 * <p>A path is judged by where it leads, all links resolved, and in the same way whether that
 * exists or not: the answer tells nothing about files outside.
 */
public final class AllowedPaths {

  private static final int MAX_LINKS = 40;

  private final List<PathMatcher> globs;
  private final List<Path> startDevices;

  /**
   * A rule.
   *
   * @param globs patterns of absolute paths with {@code *} and {@code ?} within a name and {@code
   *     **} across names, matched against paths without links
   * @param startDevices the devices of the start, which may be taken out and added again
   * @throws IllegalArgumentException if a pattern cannot be read or is relative
   */
  public AllowedPaths(List<String> globs, List<Path> startDevices) {
    FileSystem files = FileSystems.getDefault();
    this.globs =
        globs.stream().map(glob -> files.getPathMatcher("glob:" + absolute(glob))).toList();
    this.startDevices = List.copyOf(startDevices);
  }

  private static String absolute(String glob) {
    if (!glob.startsWith("/")) {
      throw new IllegalArgumentException("allowed device path must be absolute: " + glob);
    }
    return glob;
  }

  /** Where a path leads, if that is allowed; it need not exist. */
  Optional<Path> allowed(Path path) {
    return resolve(path)
        .filter(
            real ->
                globs.stream().anyMatch(glob -> glob.matches(real))
                    || startDevices.stream().anyMatch(d -> resolve(d).equals(Optional.of(real))));
  }

  /** Reads a path; empty if it can be none. */
  static Optional<Path> parse(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * Follows a path name by name as the kernel does, but keeps names that do not exist. {@link
   * Path#toRealPath} fails for those, also for a link that leads to nothing.
   */
  private static Optional<Path> resolve(Path path) {
    Path absolute = path.toAbsolutePath();
    Path root = absolute.getRoot();
    Path done = root;
    Deque<Path> names = new ArrayDeque<>();
    absolute.forEach(names::add);
    int links = 0;
    while (!names.isEmpty()) {
      String name = names.remove().toString();
      if (name.equals("..")) {
        done = done.getParent() == null ? root : done.getParent();
      } else if (!name.isEmpty() && !name.equals(".")) {
        Path next = done.resolve(name);
        if (!Files.isSymbolicLink(next)) {
          done = next;
        } else if (++links > MAX_LINKS) {
          return Optional.empty();
        } else {
          Path target;
          try {
            target = Files.readSymbolicLink(next);
          } catch (IOException e) {
            return Optional.empty();
          }
          done = target.isAbsolute() ? root : done;
          List<Path> targetNames = new ArrayList<>();
          target.forEach(targetNames::add);
          targetNames.reversed().forEach(names::addFirst);
        }
      }
    }
    return Optional.of(done);
  }
}
