package io.daxtier.resp;

import java.io.IOException;
import java.util.OptionalLong;

/** AUTH, HELLO, PING, ECHO, SELECT, QUIT and RESET. Thread-safe. */
final class ConnectionCommands {

  private final Doorkeeper doorkeeper;

  ConnectionCommands(Doorkeeper doorkeeper) {
    this.doorkeeper = doorkeeper;
  }

  void auth(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (frame.size() > 3) {
      talk.replies().error(Sentences.SYNTAX);
    } else if (frame.size() == 2 && !doorkeeper.hasPassword()) {
      talk.replies().error(Sentences.NO_PASSWORD);
    } else {
      byte[] username = frame.size() == 3 ? frame.bytes(1) : Doorkeeper.DEFAULT_USER;
      if (authenticate(talk, username, frame.bytes(frame.size() - 1))) {
        talk.replies().ok();
      }
    }
  }

  void hello(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    ReplyWriter replies = talk.replies();
    boolean resp3 = replies.isResp3();
    if (frame.size() > 1) {
      OptionalLong version = Numbers.parse(frame.text(1));
      if (version.isEmpty()) {
        replies.error(Sentences.PROTOCOL_NOT_AN_INTEGER);
        return;
      }
      if (version.getAsLong() != 2 && version.getAsLong() != 3) {
        replies.error(Sentences.NO_PROTOCOL);
        return;
      }
      resp3 = version.getAsLong() == 3;
    }
    if (!helloOptions(talk)) {
      return;
    }
    if (!talk.client().authenticated) {
      replies.error(Sentences.HELLO_NO_AUTH);
      return;
    }
    replies.useResp3(resp3);
    talk.client().usesResp3 = resp3;
    greet(talk);
  }

  private boolean helloOptions(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    String name = null;
    for (int i = 2; i < frame.size(); i++) {
      int more = frame.size() - 1 - i;
      if (frame.is(i, "AUTH") && more >= 2) {
        if (!authenticate(talk, frame.bytes(i + 1), frame.bytes(i + 2))) {
          return false;
        }
        i += 2;
      } else if (frame.is(i, "SETNAME") && more >= 1) {
        name = frame.text(++i);
        if (!ClientCommands.isValidName(name)) {
          talk.replies().error(Sentences.BAD_CLIENT_NAME);
          return false;
        }
      } else {
        talk.replies().error("ERR Syntax error in HELLO option '" + frame.text(i) + "'");
        return false;
      }
    }
    if (name != null && talk.client().authenticated) {
      talk.client().name = name;
    }
    return true;
  }

  private static void greet(Conversation talk) throws IOException {
    ReplyWriter replies = talk.replies();
    replies.map(7);
    replies.bulk("server");
    replies.bulk("redis");
    replies.bulk("version");
    replies.bulk(InfoCommand.REDIS_VERSION);
    replies.bulk("proto");
    replies.integer(replies.isResp3() ? 3 : 2);
    replies.bulk("id");
    replies.integer(talk.client().id);
    replies.bulk("mode");
    replies.bulk("standalone");
    replies.bulk("role");
    replies.bulk("master");
    replies.bulk("modules");
    replies.array(0);
  }

  private boolean authenticate(Conversation talk, byte[] username, byte[] password)
      throws IOException {
    if (doorkeeper.admits(username, password)) {
      talk.client().authenticated = true;
      return true;
    }
    talk.replies().error(Sentences.WRONG_PASSWORD);
    return false;
  }

  void ping(Conversation talk) throws IOException {
    if (talk.frame().size() > 2) {
      talk.replies().error(Sentences.wrongArity("ping"));
    } else if (talk.frame().size() == 2) {
      talk.replies().bulk(talk.frame().bytes(1));
    } else {
      talk.replies().simple("PONG");
    }
  }

  void echo(Conversation talk) throws IOException {
    talk.replies().bulk(talk.frame().bytes(1));
  }

  void select(Conversation talk) throws IOException {
    OptionalLong index = Numbers.parse(talk.frame().text(1));
    if (index.isEmpty()) {
      talk.replies().error(Sentences.NOT_AN_INTEGER);
    } else if (index.getAsLong() != (int) index.getAsLong()) {
      talk.replies().error(Sentences.NOT_AN_INT);
    } else if (index.getAsLong() != 0) {
      talk.replies().error(Sentences.INVALID_DB_INDEX);
    } else {
      talk.replies().ok();
    }
  }

  void quit(Conversation talk) throws IOException {
    talk.replies().ok();
    talk.client().quitting = true;
  }

  void reset(Conversation talk) throws IOException {
    Client client = talk.client();
    client.authenticated = !doorkeeper.hasPassword();
    client.name = "";
    client.usesResp3 = false;
    talk.replies().useResp3(false);
    talk.replies().simple("RESET");
  }
}
