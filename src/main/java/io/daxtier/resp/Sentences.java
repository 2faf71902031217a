package io.daxtier.resp;

import java.util.Locale;

/** Redis's error sentences, which clients know by heart. */
final class Sentences {

  static final String SYNTAX = "ERR syntax error";
  static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
  static final String NOT_AN_INT =
      "ERR value is out of range, value must between -2147483648 and 2147483647";
  static final String OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
  static final String NO_AUTH = "NOAUTH Authentication required.";
  static final String WRONG_PASSWORD =
      "WRONGPASS invalid username-password pair or user is disabled.";
  static final String NO_PASSWORD =
      "ERR AUTH <password> called without any password configured for the default user. Are you"
          + " sure your configuration is correct?";
  static final String NO_PROTOCOL = "NOPROTO unsupported protocol version";
  static final String PROTOCOL_NOT_AN_INTEGER =
      "ERR Protocol version is not an integer or out of range";
  static final String HELLO_NO_AUTH =
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
          + " AUTH <user> <pass> option can be used to authenticate the client and select"
          + " the RESP protocol version at the same time";
  static final String BAD_CLIENT_NAME =
      "ERR Client names cannot contain spaces, newlines or special characters.";
  static final String MAX_CLIENTS = "ERR max number of clients reached";
  static final String INVALID_CURSOR = "ERR invalid cursor";
  static final String INVALID_DB_INDEX = "ERR DB index is out of range";

  /** Ours: Redis's has four paragraphs on its own configuration. */
  static final String DENIED =
      "DENIED Daxtier is running in protected mode: it has no password (dax.resp.password), so it"
          + " serves connections from the loopback interface only.";

  private static final int MAX_QUOTED = 128;

  private Sentences() {}

  static String invalidExpire(String command) {
    return "ERR invalid expire time in '" + command + "' command";
  }

  static String wrongArity(String command) {
    return "ERR wrong number of arguments for '" + command + "' command";
  }

  static String unknownSubcommand(String container, String subcommand) {
    return "ERR unknown subcommand '"
        + cut(subcommand, MAX_QUOTED)
        + "'. Try "
        + container.toUpperCase(Locale.ROOT)
        + " HELP.";
  }

  static String unknownCommand(CommandFrame frame) {
    StringBuilder begins = new StringBuilder();
    for (int i = 1; i < frame.size() && begins.length() < MAX_QUOTED; i++) {
      int left = MAX_QUOTED - begins.length();
      begins.append('\'').append(cut(frame.text(i), left)).append("' ");
    }
    return "ERR unknown command '"
        + cut(frame.text(0), MAX_QUOTED)
        + "', with args beginning with: "
        + begins;
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
