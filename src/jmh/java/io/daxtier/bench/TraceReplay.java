package io.daxtier.bench;

import io.daxtier.eviction.EvictionOptions;
import io.daxtier.eviction.EvictionPolicy;
import io.daxtier.eviction.EvictionService;
import io.daxtier.slot.Borrow;
import io.daxtier.slot.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Replays a trace of LLM requests in Mooncake's format against a store and prints how many of the
 * blocks that were asked for were there. Each request looks its blocks up from the first to the
 * first miss, loads those, and stores the rest, as LMCache does. Time is the trace's.
 *
 * <pre>
 * TraceReplay TRACE.jsonl [SLOTS...]
 * </pre>
 */
public final class TraceReplay {

  private static final int[] SLOTS = {1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 200_000};
  private static final EvictionOptions ON_DEMAND = new EvictionOptions(EvictionPolicy.LRU, 1, 0);
  private static final EvictionOptions DEFAULTS = new EvictionOptions(EvictionPolicy.LRU, 0.8, 0.2);

  /** One line of the trace. */
  private record Request(long timestampMillis, List<Integer> blocks) {

    static Request parse(String line) {
      var json = JsonMapper.shared().readTree(line);
      List<Integer> blocks = new ArrayList<>();
      json.required("hash_ids").forEach(id -> blocks.add(id.asInt()));
      return new Request(json.required("timestamp").asLong(), blocks);
    }
  }

  private TraceReplay() {}

  /** Prints a Markdown table. */
  public static void main(String[] args) throws IOException {
    List<Request> trace;
    try (Stream<String> lines = Files.lines(Path.of(args[0]))) {
      trace = lines.map(Request::parse).toList();
    }
    int[] sizes =
        args.length == 1 ? SLOTS : Stream.of(args).skip(1).mapToInt(Integer::parseInt).toArray();
    System.out.println("| slots | hit ratio, eviction on demand | watermark 0.8, ratio 0.2 |");
    System.out.println("|---|---|---|");
    for (int slots : sizes) {
      System.out.printf(
          "| %,d | %.3f | %.3f |%n",
          slots, hitRatio(trace, slots, ON_DEMAND), hitRatio(trace, slots, DEFAULTS));
    }
  }

  private static double hitRatio(List<Request> trace, int slots, EvictionOptions options) {
    AtomicLong nanos = new AtomicLong();
    long asked = 0;
    long hits = 0;
    try (FilledTier tier = new FilledTier(slots, nanos::get);
        EvictionService eviction = new EvictionService(tier.store, options, () -> Instant.EPOCH)) {
      for (Request request : trace) {
        while (nanos.get() < TimeUnit.MILLISECONDS.toNanos(request.timestampMillis())) {
          nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
          eviction.tick();
        }
        asked += request.blocks().size();
        hits += serve(tier, request.blocks());
      }
    }
    return (double) hits / asked;
  }

  /** Returns how many blocks were there. */
  private static int serve(FilledTier tier, List<Integer> blocks) {
    int present = 0;
    while (present < blocks.size() && tier.store.exists(key(blocks.get(present)))) {
      present++;
    }
    List<Borrow> loaded = new ArrayList<>();
    for (int block : blocks.subList(0, present)) {
      loaded.add(Objects.requireNonNull(tier.store.borrow(tier.session, key(block))));
    }
    tier.store.loaded(loaded);
    loaded.forEach(Borrow::close);
    for (int block : blocks.subList(present, blocks.size())) {
      tier.store(FilledTier.key(block));
    }
    return present;
  }

  private static ObjectKey key(int block) {
    return ObjectKey.of(FilledTier.key(block));
  }
}
