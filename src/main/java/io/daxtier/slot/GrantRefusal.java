package io.daxtier.slot;

/** Why a session got no address to write to. */
public enum GrantRefusal implements GrantResult {
  /** No slot is free, and none can be made free. */
  NO_ROOM,
  /** The key is stored already and keeps its bytes. */
  EXISTS
}
