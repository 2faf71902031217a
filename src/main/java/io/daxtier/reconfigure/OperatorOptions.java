package io.daxtier.reconfigure;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Who may change things.
 *
 * @param adminToken what callers must present; without one only callers of this host may
 */
public record OperatorOptions(@Nullable String adminToken) {

  /**
   * Takes a blank token for none: an empty variable in the environment is not a password. Blanks
   * around it, such as the line end of a secret's file, do not count: no header could bring them.
   */
  public OperatorOptions {
    adminToken = adminToken == null || adminToken.isBlank() ? null : adminToken.strip();
  }

  byte @Nullable [] tokenBytes() {
    return adminToken == null ? null : adminToken.getBytes(StandardCharsets.UTF_8);
  }

  /** Keeps the token out of logs. */
  @Override
  public String toString() {
    return "OperatorOptions[adminToken=" + (adminToken == null ? "none" : "set") + "]";
  }
}
