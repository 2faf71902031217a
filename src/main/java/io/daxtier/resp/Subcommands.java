package io.daxtier.resp;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The commands behind a container such as CLIENT, with HELP to list them. Thread-safe. */
final class Subcommands implements CommandSpec.Handler {

  private final String container;
  private final Map<String, CommandSpec> specs = new LinkedHashMap<>();

  Subcommands(String container) {
    this.container = container;
    add("help", 2, "Lists the subcommands.", this::help);
  }

  /**
   * @param arity words, the container's name included; negative if that is the least
   */
  Subcommands add(String name, int arity, String summary, CommandSpec.Handler handler) {
    specs.put(name, new CommandSpec(name, arity, "", summary, 0, handler));
    return this;
  }

  @Override
  public void run(Conversation talk) throws IOException, ProtocolException {
    CommandFrame frame = talk.frame();
    String name = frame.text(1);
    CommandSpec spec = specs.get(name.toLowerCase(Locale.ROOT));
    if (spec == null) {
      talk.replies().error(Sentences.unknownSubcommand(container, name));
    } else if (!spec.accepts(frame.size())) {
      talk.replies().error(Sentences.wrongArity(container + "|" + spec.name()));
    } else {
      talk.client().lastCommand = container + "|" + spec.name();
      spec.handler().run(talk);
    }
  }

  private void help(Conversation talk) throws IOException {
    talk.replies().array(specs.size());
    for (CommandSpec spec : specs.values()) {
      talk.replies().simple(spec.name().toUpperCase(Locale.ROOT) + ": " + spec.summary());
    }
  }
}
