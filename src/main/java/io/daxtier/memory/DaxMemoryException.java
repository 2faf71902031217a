package io.daxtier.memory;

/**
 * Opening or mapping a device failed. The message is one sentence that names the path and the
 * cause, fit for an operator's eyes.
 */
public final class DaxMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What stood in the way; each asks an operator for another remedy. */
  public enum Reason {
    /** No such path. */
    NOT_FOUND,
    /** Neither a character device nor a regular file. */
    NOT_A_DEVICE,
    /** Owner or mode of the node forbid it (EACCES). */
    NO_PERMISSION,
    /** The container's device cgroup forbids it (EPERM). */
    DEVICE_CGROUP,
    /** A character device that is not in devdax mode (ENXIO, or no size in sysfs). */
    NOT_DEVDAX,
    /** The kernel refused the length or offset (EINVAL). */
    UNALIGNED,
    /** The device or file holds fewer bytes than asked for. */
    TOO_SHORT,
    /** Another process, or this one, holds the device. */
    IN_USE,
    /** Anything else; the message has the errno. */
    OTHER
  }

  private final Reason reason;

  DaxMemoryException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
