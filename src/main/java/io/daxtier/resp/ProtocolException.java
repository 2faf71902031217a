package io.daxtier.resp;

/** The peer sent what is no frame; the connection is told and closed. */
final class ProtocolException extends Exception {

  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
