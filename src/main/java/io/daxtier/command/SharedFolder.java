package io.daxtier.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * {@code prepare-folder FOLDER…}: hands a folder of the host to the group of this process. A folder
 * that the kubelet has made belongs to root and nobody else may write to it; its owner may give it
 * to one of its own groups without any capability. A folder of another owner is left alone: someone
 * has prepared it.
 */
record SharedFolder(Path path) {

  private static final Path SELF = Path.of("/proc/self");

  static List<SharedFolder> parse(List<String> args) {
    if (args.isEmpty()) {
      throw new IllegalArgumentException("prepare-folder needs at least one folder");
    }
    return args.stream().map(folder -> new SharedFolder(Path.of(folder))).toList();
  }

  /** Returns what was done, as one sentence. */
  String prepare() throws IOException {
    try {
      Object owner = Files.getAttribute(path, "unix:uid");
      if (!owner.equals(Files.getAttribute(SELF, "unix:uid"))) {
        return path + " belongs to user " + owner + " and is left as it is";
      }
      Object group = Files.getAttribute(SELF, "unix:gid");
      Files.setAttribute(path, "unix:gid", group);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxr-x"));
      return path + " may now be written by group " + group;
    } catch (IOException e) {
      throw new IOException("cannot prepare " + path + ": " + e, e);
    }
  }
}
