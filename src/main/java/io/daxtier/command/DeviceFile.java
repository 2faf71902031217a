package io.daxtier.command;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code create-device-file PATH=SIZE…}: makes regular files that stand in for devices, since the
 * service itself never creates or extends one. The files are sparse. One that is there is made
 * longer if it is too short, and else left alone.
 */
record DeviceFile(Path path, long sizeBytes) {

  private static final Pattern ARGUMENT =
      Pattern.compile("(?<path>/.+)=(?<number>[0-9][0-9.e+-]*)(?<unit>GiB|MiB|KiB)");

  /** Digits behind the point, or zeros before it, that an exponent may ask for. */
  private static final int MAX_SCALE = 100;

  static List<DeviceFile> parse(List<String> args) {
    if (args.isEmpty()) {
      throw new IllegalArgumentException(
          "create-device-file needs PATH=SIZE, such as /devices/dax0=1.5GiB");
    }
    return args.stream().map(DeviceFile::parse).toList();
  }

  private static DeviceFile parse(String argument) {
    Matcher matcher = ARGUMENT.matcher(argument);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          argument + " is not PATH=SIZE with an absolute path and GiB, MiB or KiB");
    }
    try {
      BigDecimal number = new BigDecimal(matcher.group("number"));
      if (number.scale() > MAX_SCALE || number.scale() < -MAX_SCALE) {
        throw new ArithmeticException("to write that out in full would take minutes");
      }
      long sizeBytes =
          number
              .multiply(BigDecimal.valueOf(unitBytes(matcher.group("unit"))))
              .setScale(0, RoundingMode.CEILING)
              .longValueExact();
      return new DeviceFile(Path.of(matcher.group("path")), sizeBytes);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(argument + " has no size that a file can have", e);
    }
  }

  private static long unitBytes(String unit) {
    return switch (unit) {
      case "GiB" -> 1L << 30;
      case "MiB" -> 1L << 20;
      case "KiB" -> 1L << 10;
      default -> throw new IllegalArgumentException(unit + " is not GiB, MiB or KiB");
    };
  }

  /** Returns what was done, as one sentence. */
  String create() throws IOException {
    try {
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + " is there and is not a regular file", e);
      }
      if (Files.size(path) >= sizeBytes) {
        return path + " is there with " + Files.size(path) + " bytes";
      }
    } catch (IOException e) {
      throw new IOException("cannot create " + path + ": " + e, e);
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(sizeBytes);
    }
    return path + " has now " + sizeBytes + " bytes";
  }
}
