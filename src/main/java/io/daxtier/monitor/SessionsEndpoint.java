package io.daxtier.monitor;

import io.daxtier.slot.SessionSnapshot;
import io.daxtier.slot.SlotStore;
import java.util.List;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * {@code /actuator/sessions}: who holds locks and reservations, as {@code DAX.SESSIONS} tells it,
 * and the way for an operator to end such a session.
 */
@WebEndpoint(id = "sessions")
public final class SessionsEndpoint {

  private final SlotStore store;

  public SessionsEndpoint(SlotStore store) {
    this.store = store;
  }

  /** The sessions that hold something. */
  @ReadOperation
  public SessionsDescriptor sessions() {
    return new SessionsDescriptor(store.sessions().stream().map(SessionDescriptor::of).toList());
  }

  /**
   * Ends a session: its locks are lost, its reserved slots are held back for the quarantine, its
   * connection is closed. 204, or 404 if there is no such session.
   */
  @DeleteOperation
  public WebEndpointResponse<Void> end(@Selector long id) {
    return new WebEndpointResponse<>(
        store.endSession(id)
            ? WebEndpointResponse.STATUS_NO_CONTENT
            : WebEndpointResponse.STATUS_NOT_FOUND);
  }

  /** All sessions that hold something. */
  public record SessionsDescriptor(List<SessionDescriptor> sessions) {}

  /**
   * One session.
   *
   * @param id its CLIENT ID
   * @param oldestMillis how long the oldest of its locks and reservations has been held
   */
  public record SessionDescriptor(
      long id, String peer, int locks, int reservations, long oldestMillis) {

    static SessionDescriptor of(SessionSnapshot session) {
      return new SessionDescriptor(
          session.id(),
          session.peer(),
          session.locks(),
          session.reservations(),
          session.oldest().toMillis());
    }
  }
}
