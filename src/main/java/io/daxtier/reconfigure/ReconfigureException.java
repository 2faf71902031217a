package io.daxtier.reconfigure;

import java.util.Map;

/** A request is refused: the HTTP status and the body that say why. */
public final class ReconfigureException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, Object> body;

  /** A refusal in one sentence, which repeats no field that the caller sent. */
  public ReconfigureException(int status, String error) {
    this(status, Map.of("error", error));
  }

  public ReconfigureException(int status, Map<String, Object> body) {
    super(status + " " + body, null, false, false);
    this.status = status;
    this.body = body;
  }

  public int status() {
    return status;
  }

  public Map<String, Object> body() {
    return body;
  }
}
