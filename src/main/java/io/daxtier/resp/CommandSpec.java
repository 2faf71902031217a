package io.daxtier.resp;

import java.io.IOException;

/**
 * A command as the table has it.
 *
 * @param name in lower case
 * @param arity number of words, its name included; negative if that is the least
 * @param group Redis's group, for COMMAND DOCS
 * @param summary one sentence
 * @param flags what is special about it
 * @param handler runs it
 */
record CommandSpec(
    String name, int arity, String group, String summary, int flags, Handler handler) {

  /** May be sent before AUTH. */
  static final int BEFORE_AUTH = 1;

  /** LMCache's resp adapter sends it. */
  static final int LMCACHE = 2;

  static final int WRITE = 4;
  static final int READ = 8;

  /** Its words from the second on are keys. */
  static final int ALL_KEYS = 16;

  /** Its second word is a key. */
  static final int FIRST_KEY = 32;

  /** Runs a command and writes its reply. */
  @FunctionalInterface
  interface Handler {
    void run(Conversation conversation) throws IOException, ProtocolException;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  boolean accepts(int words) {
    return arity >= 0 ? words == arity : words >= -arity;
  }
}
