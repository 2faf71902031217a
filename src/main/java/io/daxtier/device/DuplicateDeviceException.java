package io.daxtier.device;

/** A path leads to a device that is mapped already. */
public final class DuplicateDeviceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient DaxDevice device;

  DuplicateDeviceException(DaxDevice device, String path) {
    super("device " + path + " is already mapped");
    this.device = device;
  }

  /** The device that has it. */
  public DaxDevice device() {
    return device;
  }
}
