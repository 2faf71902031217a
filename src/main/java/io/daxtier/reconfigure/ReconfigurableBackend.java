package io.daxtier.reconfigure;

import java.util.List;

/**
 * A part of the service that operators change while it runs. Every bean of this type is reachable
 * under {@code /reconfigure/{name}}; several may share a name and are then told apart by {@code
 * adapter_index}, their place among the beans of that name. Called by several threads at a time.
 */
public interface ReconfigurableBackend {

  /** The name in the routes: lower case, not blank. */
  String name();

  /** The operations it knows, {@code status} included. */
  List<String> supportedOperations();

  /** What it looks like now, as something Jackson can write. */
  Object status();

  /** Whether it has started and not yet stopped; if not, its routes answer 503. */
  default boolean isReady() {
    return true;
  }

  /**
   * Reads what an operation needs from the request, and changes nothing. The controller prepares
   * before it looks for the adapter, so the outcome may depend on the payload alone.
   *
   * @param operation trimmed, lower case, not blank
   * @throws ReconfigureException if the operation is unknown or the payload does not fit it
   */
  Reconfiguration prepare(String operation, Payload payload);
}
