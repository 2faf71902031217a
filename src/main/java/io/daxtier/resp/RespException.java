package io.daxtier.resp;

/** The data plane cannot be started; the message is one sentence for operators. */
public final class RespException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RespException(String message, Throwable cause) {
    super(message, cause);
  }

  RespException(String message) {
    super(message);
  }
}
