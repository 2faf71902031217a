package io.daxtier.command;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Finds and runs the command that the first argument names. Called once, by the main thread. */
public final class Commands {

  private static final String KNOWN = "smoke-check, create-device-file or prepare-folder";

  private Commands() {}

  /**
   * Runs the command named by the first argument.
   *
   * @param environment where {@code smoke-check} finds its credentials
   * @param out what the command has to say, a line a step
   * @return the exit code: 0 done, 1 failed, 2 called wrongly; empty if the first argument is no
   *     command and the service is to start
   */
  public static OptionalInt run(String[] args, Map<String, String> environment, PrintStream out) {
    if (args.length == 0) {
      return OptionalInt.empty();
    }
    List<String> rest = Arrays.asList(args).subList(1, args.length);
    return switch (args[0]) {
      case "smoke-check" -> exitCode(out, () -> SmokeCheck.parse(rest, environment).run(out));
      case "create-device-file" ->
          exitCode(
              out,
              () -> {
                for (DeviceFile file : DeviceFile.parse(rest)) {
                  out.println(file.create());
                }
              });
      case "prepare-folder" ->
          exitCode(
              out,
              () -> {
                for (SharedFolder folder : SharedFolder.parse(rest)) {
                  out.println(folder.prepare());
                }
              });
      default -> {
        // The service has options only; an empty word may be a variable that is not set.
        if (args[0].isBlank() || args[0].startsWith("-")) {
          yield OptionalInt.empty();
        }
        out.println(args[0] + " is neither an option of the service (--…) nor " + KNOWN);
        yield OptionalInt.of(2);
      }
    };
  }

  private static OptionalInt exitCode(PrintStream out, Command command) {
    try {
      command.run();
      return OptionalInt.of(0);
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      return OptionalInt.of(2);
    } catch (IOException e) {
      out.println(e.getMessage());
      return OptionalInt.of(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.of(1);
    }
  }

  /** Says what it did, or fails with one sentence. */
  @FunctionalInterface
  private interface Command {
    void run() throws IOException, InterruptedException;
  }
}
