package io.daxtier.eviction;

import io.daxtier.slot.SlotStore;
import io.daxtier.slot.StoreUsage;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Once a second: frees what has expired, ends locks whose deadline is over, and, if there is an
 * eviction policy and usage is at the watermark, evicts the oldest objects. Eviction on demand is
 * the store's own ({@link io.daxtier.slot.SlotStoreOptions#evictOnDemand}). {@link #tick} runs on
 * one thread; {@link #status} is for any.
 */
public final class EvictionService implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(EvictionService.class.getName());
  private static final long TICK_MILLIS = 1000;

  private final SlotStore store;
  private final @Nullable EvictionOptions options;
  private final InstantSource clock;
  private volatile EvictionStatus status;
  private @Nullable ScheduledExecutorService ticker;

  /**
   * @param options null if nothing is to be evicted
   */
  public EvictionService(SlotStore store, @Nullable EvictionOptions options, InstantSource clock) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.status = new EvictionStatus(Optional.ofNullable(options), Optional.empty(), 0);
  }

  /** Begins to tick. */
  public synchronized void start() {
    if (ticker == null) {
      ticker =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name("eviction").daemon().factory());
      var _ =
          ticker.scheduleWithFixedDelay(
              this::tickSafely, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** One round of housekeeping. */
  public void tick() {
    store.expiry().expireDue();
    store.sweepLeases();
    if (options != null && options.policy() == EvictionPolicy.LRU && options.evictionRatio() > 0) {
      evictAtWatermark(options);
    }
  }

  private void evictAtWatermark(EvictionOptions limits) {
    StoreUsage usage = store.usage();
    if (usage.objects() == 0 || usage.usedFraction() < limits.triggerWatermark()) {
      return;
    }
    long wanted = Math.max(1, (long) (usage.objects() * limits.evictionRatio()));
    long evicted = store.evictOldest(wanted);
    status = new EvictionStatus(Optional.of(limits), Optional.of(clock.instant()), evicted);
  }

  /** A tick that fails must not be the last. */
  private void tickSafely() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "housekeeping failed and goes on in a second", e);
    }
  }

  public EvictionStatus status() {
    return status;
  }

  /** Ticks no more; idempotent. */
  @Override
  public synchronized void close() {
    if (ticker != null) {
      ticker.close();
      ticker = null;
    }
  }
}
