package io.daxtier.config;

/**
 * A property record refuses one of its fields. It knows the field's own name only; {@link
 * TierBinder} knows where the record stands and makes a {@link ConfigurationException} of both.
 */
final class InvalidFieldException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * @param field the field's name within its record, or "" if the record itself is wrong
   * @param problem the rest of the sentence, such as {@code must be a positive number}
   */
  InvalidFieldException(String field, String problem) {
    super(problem);
    this.field = field;
  }

  String field() {
    return field;
  }
}
