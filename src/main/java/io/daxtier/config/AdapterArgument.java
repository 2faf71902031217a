package io.daxtier.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * LMCache's adapter JSON as it was given to this process, unread.
 *
 * @param source what an operator calls the place it came from
 * @param json the text
 */
record AdapterArgument(String source, String json) {

  static final String OPTION = "--l2-adapter";
  static final String VARIABLE = "L2_ADAPTER_JSON";

  /** Properties may be spelt in many ways, the option in one; nobody else would read these. */
  private static final Pattern MISSPELT =
      Pattern.compile("--?l2[-_.]?adapter(=.*)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /**
   * Looks for the one adapter: the argument, with a space or an equals sign, wins over the
   * variable.
   *
   * @param arguments the command line
   * @param variable value of {@link #VARIABLE}; a blank one counts as none
   * @throws ConfigurationException if there are two arguments, or one is misspelt or has no value
   */
  static Optional<AdapterArgument> find(List<String> arguments, @Nullable String variable) {
    Optional<AdapterArgument> found = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.equals(OPTION) && !argument.startsWith(OPTION + "=")) {
        if (MISSPELT.matcher(argument).matches()) {
          throw new ConfigurationException(
              argument.replaceFirst("(?s)=.*", "") + " is not an option: it is spelt " + OPTION);
        }
        continue;
      }
      if (found.isPresent()) {
        throw new ConfigurationException(
            OPTION + " is given twice: this service is one adapter with any number of devices");
      }
      String json = "";
      if (!argument.equals(OPTION)) {
        json = argument.substring(OPTION.length() + 1);
      } else if (i + 1 < arguments.size()) {
        json = arguments.get(++i);
      }
      if (json.isBlank() || json.startsWith("--")) {
        throw new ConfigurationException(OPTION + " needs a value: the adapter's JSON");
      }
      found = Optional.of(new AdapterArgument(OPTION, json));
    }
    if (found.isPresent() || variable == null || variable.isBlank()) {
      return found;
    }
    return Optional.of(new AdapterArgument(VARIABLE, variable));
  }
}
