package io.daxtier.resp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** CONFIG GET, for the parameters of Redis that have a meaning here. Thread-safe. */
final class ConfigCommands {

  private final Tier tier;

  ConfigCommands(Tier tier) {
    this.tier = tier;
  }

  CommandSpec spec() {
    Subcommands subcommands =
        new Subcommands("config").add("get", -3, "Values of parameters.", this::get);
    return new CommandSpec("config", -2, "server", "Shows parameters.", 0, subcommands);
  }

  private void get(Conversation talk) throws IOException {
    Map<String, String> chosen = new LinkedHashMap<>();
    Map<String, String> all = parameters();
    for (int i = 2; i < talk.frame().size(); i++) {
      GlobPattern pattern = new GlobPattern(talk.frame().bytes(i), true);
      all.forEach(
          (name, value) -> {
            if (pattern.matches(name.getBytes(StandardCharsets.UTF_8))) {
              chosen.put(name, value);
            }
          });
    }
    talk.replies().map(chosen.size());
    for (Map.Entry<String, String> parameter : chosen.entrySet()) {
      talk.replies().bulk(parameter.getKey());
      talk.replies().bulk(parameter.getValue());
    }
  }

  private Map<String, String> parameters() {
    RespOptions options = tier.options();
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("appendonly", "no");
    parameters.put("bind", options.listen().host());
    parameters.put("databases", "1");
    parameters.put("maxclients", Integer.toString(options.limits().connections()));
    parameters.put("maxmemory", Long.toString(InfoCommand.capacityBytes(tier)));
    parameters.put("maxmemory-policy", InfoCommand.evictionPolicy(tier));
    parameters.put("proto-max-bulk-len", Long.toString(options.limits().bulkBytes()));
    parameters.put("protected-mode", options.credentials() == null ? "yes" : "no");
    parameters.put("save", "");
    parameters.put("timeout", "0");
    return parameters;
  }
}
