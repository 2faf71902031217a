package io.daxtier.resp;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** CLIENT ID, GETNAME, SETNAME, SETINFO, LIST, INFO, NO-EVICT and NO-TOUCH. Thread-safe. */
final class ClientCommands {

  private final Tier tier;
  private final Connections connections;

  ClientCommands(Tier tier, Connections connections) {
    this.tier = tier;
    this.connections = connections;
  }

  CommandSpec spec() {
    Subcommands subcommands =
        new Subcommands("client")
            .add("id", 2, "Id of this connection.", t -> t.replies().integer(t.client().id))
            .add("getname", 2, "Name of this connection.", ClientCommands::getName)
            .add("setname", 3, "Names this connection.", ClientCommands::setName)
            .add("setinfo", 4, "Says which library speaks.", ClientCommands::setInfo)
            .add("list", -2, "Lists the connections.", this::list)
            .add("info", 2, "Describes this connection.", this::info)
            .add("no-evict", 3, "ON or OFF; has no effect.", ClientCommands::onOff)
            .add("no-touch", 3, "ON or OFF; has no effect.", ClientCommands::onOff);
    return new CommandSpec("client", -2, "connection", "About connections.", 0, subcommands);
  }

  /** Whether all characters are printable and none is a blank. */
  static boolean isValidName(String name) {
    return name.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private static void getName(Conversation talk) throws IOException {
    if (talk.client().name.isEmpty()) {
      talk.replies().nil();
    } else {
      talk.replies().bulk(talk.client().name);
    }
  }

  private static void setName(Conversation talk) throws IOException {
    String name = talk.frame().text(2);
    if (!isValidName(name)) {
      talk.replies().error(Sentences.BAD_CLIENT_NAME);
      return;
    }
    talk.client().name = name;
    talk.replies().ok();
  }

  private static void setInfo(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    String value = frame.text(3);
    boolean name = frame.is(2, "LIB-NAME");
    if (!name && !frame.is(2, "LIB-VER")) {
      talk.replies().error("ERR Unrecognized option '" + frame.text(2) + "'");
    } else if (!isValidName(value)) {
      talk.replies()
          .error(
              "ERR "
                  + (name ? "lib-name" : "lib-ver")
                  + " cannot contain spaces, newlines or special characters.");
    } else {
      if (name) {
        talk.client().libraryName = value;
      } else {
        talk.client().libraryVersion = value;
      }
      talk.replies().ok();
    }
  }

  private void list(Conversation talk) throws IOException {
    if (talk.frame().size() > 2) {
      talk.replies().error(Sentences.SYNTAX);
      return;
    }
    List<Connection> all =
        connections.all().stream()
            .sorted(Comparator.comparingLong((Connection c) -> c.client().id))
            .toList();
    long now = tier.now();
    talk.replies()
        .verbatim(all.stream().map(c -> c.describe(now) + "\n").collect(Collectors.joining()));
  }

  private void info(Conversation talk) throws IOException {
    String text =
        connections.all().stream()
            .filter(c -> c.client() == talk.client())
            .map(c -> c.describe(tier.now()) + "\n")
            .findAny()
            .orElse("");
    talk.replies().verbatim(text);
  }

  private static void onOff(Conversation talk) throws IOException {
    if (talk.frame().is(2, "ON") || talk.frame().is(2, "OFF")) {
      talk.replies().ok();
    } else {
      talk.replies().error(Sentences.SYNTAX);
    }
  }
}
