package io.daxtier.reconfigure.dax;

import java.util.Locale;

/** What an operator asks of a device. */
sealed interface DaxRequest {

  /** Any name of the device, not yet checked. */
  String devicePath();

  /** The operation's name in the route. */
  String operation();

  /** What becomes of the objects that are in the way. */
  enum Mode {
    /** They move to where there is room. */
    MIGRATE,
    /** They are dropped. */
    EVICT,
    /** They stay, and nothing new is stored beside them. */
    DRAIN;

    static Mode of(String wireName) {
      return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
  }

  /** Map a device and store on it. */
  record Add(String devicePath, long sizeBytes) implements DaxRequest {
    @Override
    public String operation() {
      return "add";
    }
  }

  /**
   * Take a device out, or stop storing on it.
   *
   * @param force drop the locks on it, and in the end the connections that still use it
   */
  record Remove(String devicePath, Mode mode, boolean force) implements DaxRequest {
    @Override
    public String operation() {
      return "remove";
    }
  }

  /** Use more or less of a device; {@code force} as with {@link Remove}. */
  record Resize(String devicePath, long sizeBytes, Mode mode, boolean force) implements DaxRequest {
    @Override
    public String operation() {
      return "resize";
    }
  }
}
