package io.daxtier.resp;

import io.daxtier.slot.StoreUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * INFO [section …]: the fields that dashboards of redis_exporter and the handshake of valkey-glide
 * read, and what is our own under other names. Thread-safe.
 */
final class InfoCommand implements CommandSpec.Handler {

  /** The Redis whose behaviour is promised; clients choose their features by it. */
  static final String REDIS_VERSION = "7.2.0";

  private static final List<String> ALL = List.of("all", "everything", "default");

  private final Tier tier;
  private final Connections connections;
  private final long startedAt;

  InfoCommand(Tier tier, Connections connections) {
    this.tier = tier;
    this.connections = connections;
    this.startedAt = tier.now();
  }

  @Override
  public void run(Conversation talk) throws IOException {
    CommandFrame frame = talk.frame();
    List<String> wanted = new ArrayList<>();
    for (int i = 1; i < frame.size(); i++) {
      wanted.add(frame.text(i).toLowerCase(Locale.ROOT));
    }
    boolean all = wanted.isEmpty() || wanted.stream().anyMatch(ALL::contains);
    StringBuilder text = new StringBuilder();
    sections()
        .forEach(
            (name, fields) -> {
              if (all || wanted.contains(name.toLowerCase(Locale.ROOT))) {
                if (!text.isEmpty()) {
                  text.append("\r\n");
                }
                text.append("# ").append(name).append("\r\n");
                fields.forEach((k, v) -> text.append(k).append(':').append(v).append("\r\n"));
              }
            });
    talk.replies().verbatim(text.toString());
  }

  /** Bytes of all usable slots. */
  static long capacityBytes(Tier tier) {
    StoreUsage usage = tier.store().usage();
    return usage.slots() * usage.slotBytes();
  }

  static String evictionPolicy(Tier tier) {
    return tier.store().options().evictOnDemand() ? "allkeys-lru" : "noeviction";
  }

  private Map<String, Map<String, Object>> sections() {
    StoreUsage usage = tier.store().usage();
    RespSnapshot snapshot = connections.snapshot(tier.workers());
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    sections.put("Server", server());
    sections.put("Clients", clients(snapshot));
    sections.put("Memory", memory(usage));
    sections.put("Stats", stats(usage, snapshot));
    Map<String, Object> replication = new LinkedHashMap<>();
    replication.put("role", "master");
    replication.put("connected_slaves", 0);
    sections.put("Replication", replication);
    Map<String, Object> keyspace = new LinkedHashMap<>();
    if (usage.objects() > 0) {
      long expiring = tier.store().expiry().objectCount();
      keyspace.put("db0", "keys=" + usage.objects() + ",expires=" + expiring + ",avg_ttl=0");
    }
    sections.put("Keyspace", keyspace);
    return sections;
  }

  private Map<String, Object> server() {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(tier.now() - startedAt);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("redis_version", REDIS_VERSION);
    fields.put("redis_mode", "standalone");
    fields.put("server_name", "daxtier");
    fields.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    fields.put("arch_bits", 64);
    fields.put("process_id", ProcessHandle.current().pid());
    fields.put("tcp_port", tier.options().listen().port());
    fields.put("uptime_in_seconds", seconds);
    fields.put("uptime_in_days", TimeUnit.SECONDS.toDays(seconds));
    return fields;
  }

  private Map<String, Object> clients(RespSnapshot snapshot) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("connected_clients", snapshot.connections());
    fields.put("maxclients", tier.options().limits().connections());
    fields.put(
        "blocked_clients",
        snapshot.waitingStores() + snapshot.waitingLookups() + snapshot.waitingLoads());
    return fields;
  }

  private Map<String, Object> memory(StoreUsage usage) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("used_memory", usage.used() * usage.slotBytes());
    fields.put("used_memory_dataset", usage.payloadBytes());
    fields.put("maxmemory", usage.slots() * usage.slotBytes());
    fields.put("maxmemory_policy", evictionPolicy(tier));
    fields.put("slot_bytes", usage.slotBytes());
    fields.put("slots", usage.slots());
    fields.put("slots_free", usage.free());
    return fields;
  }

  private static Map<String, Object> stats(StoreUsage usage, RespSnapshot snapshot) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("total_connections_received", snapshot.accepted() + snapshot.rejected());
    fields.put("total_commands_processed", snapshot.commands());
    fields.put("total_net_input_bytes", snapshot.bytesIn());
    fields.put("total_net_output_bytes", snapshot.bytesOut());
    fields.put("rejected_connections", snapshot.rejected());
    fields.put("expired_keys", usage.evictions().expired());
    fields.put("evicted_keys", usage.evictions().watermark() + usage.evictions().demand());
    return fields;
  }
}
