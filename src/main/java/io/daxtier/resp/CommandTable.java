package io.daxtier.resp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All commands by name, and the checks that every command passes first, in Redis's order: known,
 * right number of words, authenticated. Thread-safe.
 */
final class CommandTable {

  private static final System.Logger LOG = System.getLogger(CommandTable.class.getName());

  private final Tier tier;
  private final Answers answers;
  private final Doorkeeper doorkeeper;
  private final ArgumentBudget argumentBudget;
  private final Map<String, CommandSpec> specs = new LinkedHashMap<>();
  private final OncePerMinute browserWarning;

  CommandTable(
      Tier tier, Doorkeeper doorkeeper, Connections connections, ArgumentBudget argumentBudget) {
    this.tier = tier;
    this.argumentBudget = argumentBudget;
    this.doorkeeper = doorkeeper;
    this.answers = new Answers(tier.store());
    this.browserWarning = new OncePerMinute(tier::now);
    KeyLimit keyLimit = new KeyLimit(tier.options().limits().keyBytes(), answers);
    addObjectCommands(keyLimit);
    addConnectionCommands(connections);
    for (CommandSpec spec : new DaxCommands(tier, keyLimit).specs()) {
      add(spec);
    }
  }

  Tier tier() {
    return tier;
  }

  ArgumentBudget argumentBudget() {
    return argumentBudget;
  }

  boolean servesUnauthenticated() {
    return !doorkeeper.hasPassword();
  }

  Collection<CommandSpec> specs() {
    return specs.values();
  }

  @Nullable CommandSpec find(String name) {
    CommandSpec spec = specs.get(name);
    return spec != null ? spec : specs.get(name.toLowerCase(Locale.ROOT));
  }

  /** Runs the command in the conversation's frame and writes its reply. */
  void run(Conversation talk) throws IOException, ProtocolException {
    CommandFrame frame = talk.frame();
    Client client = talk.client();
    CommandSpec spec = find(frame.text(0));
    client.maybeLmCache &= spec != null && spec.has(CommandSpec.LMCACHE);
    if (frame.hasPendingValue()) {
      client.lastValueBytes = frame.valueLength();
    }
    if (spec == null) {
      unknown(talk);
      return;
    }
    client.lastCommand = spec.name();
    if (!spec.accepts(frame.size())) {
      talk.replies().error(Sentences.wrongArity(spec.name()));
    } else if (!client.authenticated && !spec.has(CommandSpec.BEFORE_AUTH)) {
      refuse(talk, spec, Outcome.DENIED, Sentences.NO_AUTH);
    } else if (frame.refusal() != null) {
      refuse(talk, spec, Outcome.ERROR, frame.refusal());
    } else {
      spec.handler().run(talk);
    }
  }

  private void unknown(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    if (frame.is(0, "POST") || frame.is(0, "HOST:")) {
      warnOfBrowser(talk.client());
      talk.client().quitting = true;
    } else if (frame.refusal() != null) {
      talk.replies().error(frame.refusal());
    } else {
      talk.replies().error(Sentences.unknownCommand(frame));
    }
  }

  /** Someone tricks a browser into speaking to us. */
  private void warnOfBrowser(Client client) {
    if (browserWarning.isDue()) {
      LOG.log(
          Level.WARNING,
          client.peer
              + " sent POST or Host:, which is HTTP: its connection is closed. This may be an"
              + " attack through a browser");
    }
  }

  private void refuse(Conversation talk, CommandSpec spec, Outcome outcome, String sentence)
      throws IOException, ProtocolException {
    CommandFrame frame = talk.frame();
    if (frame.hasPendingValue()) {
      talk.reader().skipValue(frame, frame.valueLength());
    }
    answers.error(talk, sentence);
    Operation operation =
        switch (spec.name()) {
          case "set" -> Operation.STORE;
          case "get", "mget" -> Operation.LOAD;
          case "exists" -> Operation.LOOKUP;
          default -> null;
        };
    if (operation != null) {
      tier.observe(operation, outcome, tier.now(), 0);
    }
  }

  private void addObjectCommands(KeyLimit keyLimit) {
    int write = CommandSpec.WRITE;
    int read = CommandSpec.READ;
    int key = CommandSpec.FIRST_KEY;
    int keys = CommandSpec.ALL_KEYS;
    int lmcache = CommandSpec.LMCACHE;
    LoadCommands load = new LoadCommands(tier, answers, keyLimit);
    KeyCommands key0 = new KeyCommands(tier, keyLimit);
    add(
        "set",
        -3,
        "string",
        "Stores an object.",
        write | key | lmcache,
        new StoreCommand(tier, answers, keyLimit));
    add("get", 2, "string", "Loads an object.", read | key | lmcache, load::get);
    add("mget", -2, "string", "Loads objects.", read | keys, load::mget);
    add("strlen", 2, "string", "Length of an object.", read | key, key0::strlen);
    add(
        "exists",
        -2,
        "generic",
        "Counts the keys that are there, and keeps their objects from" + " eviction for a while.",
        read | keys | lmcache,
        key0::exists);
    add("del", -2, "generic", "Deletes objects.", write | keys | lmcache, key0::delete);
    add("unlink", -2, "generic", "Deletes objects.", write | keys, key0::delete);
    add("type", 2, "generic", "Says string or none.", read | key, key0::type);
    add("ttl", 2, "generic", "Seconds until an object expires.", read | key, key0::ttl);
    add("pttl", 2, "generic", "Milliseconds until an object expires.", read | key, key0::pttl);
    add("expire", -3, "generic", "Sets when an object expires.", write | key, key0::expire);
    add("persist", 2, "generic", "Takes the time to live away.", write | key, key0::persist);
    add("scan", -2, "generic", "Iterates over the keys.", read, new ScanCommand(tier.store()));
    add("dbsize", 1, "server", "Number of objects.", read, key0::dbsize);
    add("flushall", -1, "server", "Deletes all objects.", write, key0::flush);
    add("flushdb", -1, "server", "Deletes all objects.", write, key0::flush);
  }

  private void addConnectionCommands(Connections connections) {
    int early = CommandSpec.BEFORE_AUTH;
    ConnectionCommands connection = new ConnectionCommands(doorkeeper);
    add("auth", -2, "connection", "Authenticates.", early | CommandSpec.LMCACHE, connection::auth);
    add("hello", -1, "connection", "Chooses RESP2 or RESP3.", early, connection::hello);
    add("ping", -1, "connection", "Answers PONG.", 0, connection::ping);
    add("echo", 2, "connection", "Answers its argument.", 0, connection::echo);
    add("select", 2, "connection", "Selects database 0.", 0, connection::select);
    add("quit", -1, "connection", "Closes the connection.", early, connection::quit);
    add("reset", 1, "connection", "Resets the connection.", early, connection::reset);
    add(new ClientCommands(tier, connections).spec());
    add(new CommandCommands(this).spec());
    add(new ConfigCommands(tier).spec());
    add("info", -1, "server", "Describes the server.", 0, new InfoCommand(tier, connections));
  }

  private void add(
      String name,
      int arity,
      String group,
      String summary,
      int flags,
      CommandSpec.Handler handler) {
    add(new CommandSpec(name, arity, group, summary, flags, handler));
  }

  private void add(CommandSpec spec) {
    specs.put(spec.name(), spec);
  }
}
