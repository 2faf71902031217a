package io.daxtier.device;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Where a device stands, and the table of moves that are allowed. */
public enum DeviceState {
  /** Takes new objects. */
  ACTIVE,
  /** Serves what it holds, takes nothing new. */
  DRAINING,
  /** Its objects are being moved elsewhere. */
  MIGRATING,
  /** Its size is being changed. */
  RESIZING,
  /** Its last objects are gone and its mapping is about to go. */
  REMOVING,
  /** Closed with the service. */
  CLOSED,
  /** A page was lost; what it held is gone. */
  FAILED,
  /** Taken out by an operator; stays listed. */
  REMOVED;

  private static final Map<DeviceState, Set<DeviceState>> MOVES =
      Map.of(
          ACTIVE, EnumSet.of(DRAINING, MIGRATING, RESIZING, REMOVING, FAILED, CLOSED),
          DRAINING, EnumSet.of(ACTIVE, MIGRATING, RESIZING, REMOVING, FAILED, CLOSED),
          MIGRATING, EnumSet.of(ACTIVE, DRAINING, REMOVING, FAILED, CLOSED),
          RESIZING, EnumSet.of(ACTIVE, DRAINING, FAILED, CLOSED),
          REMOVING, EnumSet.of(ACTIVE, DRAINING, FAILED, REMOVED, CLOSED),
          FAILED, EnumSet.of(REMOVED, CLOSED),
          CLOSED, EnumSet.noneOf(DeviceState.class),
          REMOVED, EnumSet.noneOf(DeviceState.class));

  /** Whether a device in this state may go to {@code next}. */
  public boolean mayBecome(DeviceState next) {
    return MOVES.getOrDefault(this, Set.of()).contains(next);
  }

  /** Whether the device's objects can be read; such a device counts as capacity. */
  public boolean isUsable() {
    return switch (this) {
      case ACTIVE, DRAINING, MIGRATING, RESIZING, REMOVING -> true;
      case CLOSED, FAILED, REMOVED -> false;
    };
  }

  /** Whether new objects may be placed on the device. */
  public boolean takesReservations() {
    return this == ACTIVE || this == RESIZING;
  }

  /** Whether the device still holds its file and identity. */
  public boolean isMapped() {
    return isUsable() || this == FAILED;
  }

  /** The name that LMCache's status uses. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
