package io.daxtier.resp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** COMMAND, COMMAND COUNT, DOCS, INFO and LIST. Thread-safe. */
final class CommandCommands {

  private final CommandTable table;

  CommandCommands(CommandTable table) {
    this.table = table;
  }

  CommandSpec spec() {
    Subcommands subcommands =
        new Subcommands("command")
            .add("count", 2, "Number of commands.", this::count)
            .add("docs", -2, "Describes commands.", this::docs)
            .add("info", -2, "Arity, flags and keys of commands.", this::info)
            .add("list", 2, "Names of the commands.", this::list);
    return new CommandSpec(
        "command",
        -1,
        "server",
        "About commands.",
        0,
        talk -> {
          if (talk.frame().size() == 1) {
            describe(talk.replies(), table.specs());
          } else {
            subcommands.run(talk);
          }
        });
  }

  private void count(Conversation talk) throws IOException {
    talk.replies().integer(table.specs().size());
  }

  private void list(Conversation talk) throws IOException {
    talk.replies().array(table.specs().size());
    for (CommandSpec spec : table.specs()) {
      talk.replies().bulk(spec.name());
    }
  }

  private void docs(Conversation talk) throws IOException {
    Collection<CommandSpec> specs = table.specs();
    if (talk.frame().size() > 2) {
      List<CommandSpec> known = new ArrayList<>();
      for (CommandSpec spec : named(talk.frame())) {
        if (spec != null) {
          known.add(spec);
        }
      }
      specs = known;
    }
    ReplyWriter replies = talk.replies();
    replies.map(specs.size());
    for (CommandSpec spec : specs) {
      replies.bulk(spec.name());
      replies.map(3);
      replies.bulk("summary");
      replies.bulk(spec.summary());
      replies.bulk("since");
      replies.bulk("1.0.0");
      replies.bulk("group");
      replies.bulk(spec.group());
    }
  }

  private void info(Conversation talk) throws IOException {
    if (talk.frame().size() == 2) {
      describe(talk.replies(), table.specs());
    } else {
      describe(talk.replies(), named(talk.frame()));
    }
  }

  private List<@Nullable CommandSpec> named(CommandFrame frame) {
    List<@Nullable CommandSpec> found = new ArrayList<>();
    for (int i = 2; i < frame.size(); i++) {
      found.add(table.find(frame.text(i)));
    }
    return found;
  }

  private static void describe(
      ReplyWriter replies, Collection<? extends @Nullable CommandSpec> specs) throws IOException {
    replies.array(specs.size());
    for (CommandSpec spec : specs) {
      if (spec == null) {
        replies.nil();
      } else {
        describe(replies, spec);
      }
    }
  }

  /** The ten fields of COMMAND INFO. */
  private static void describe(ReplyWriter replies, CommandSpec spec) throws IOException {
    boolean all = spec.has(CommandSpec.ALL_KEYS);
    boolean keys = all || spec.has(CommandSpec.FIRST_KEY);
    List<String> flags = new ArrayList<>();
    if (spec.has(CommandSpec.WRITE)) {
      flags.add("write");
    }
    if (spec.has(CommandSpec.READ)) {
      flags.add("readonly");
    }
    if (spec.has(CommandSpec.BEFORE_AUTH)) {
      flags.add("no_auth");
    }
    replies.array(10);
    replies.bulk(spec.name());
    replies.integer(spec.arity());
    replies.set(flags.size());
    for (String flag : flags) {
      replies.simple(flag);
    }
    replies.integer(keys ? 1 : 0);
    replies.integer(all ? -1 : keys ? 1 : 0);
    replies.integer(keys ? 1 : 0);
    replies.set(1);
    replies.simple("@" + spec.group());
    replies.array(0);
    replies.array(0);
    replies.array(0);
  }
}
