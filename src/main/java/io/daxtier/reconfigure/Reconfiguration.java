package io.daxtier.reconfigure;

import java.util.Map;

/** An operation whose request was understood and that can now be carried out. */
@FunctionalInterface
public interface Reconfiguration {

  /**
   * Carries it out, in the thread of the request, however long it takes.
   *
   * @return the reply; the controller adds {@code adapter_index}
   * @throws ReconfigureException if it is refused or fails
   */
  Map<String, Object> apply();
}
