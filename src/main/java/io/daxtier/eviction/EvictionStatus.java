package io.daxtier.eviction;

import java.time.Instant;
import java.util.Optional;

/**
 * What eviction is set to and did last.
 *
 * @param options empty if nothing is ever evicted
 * @param lastRun when a tick last evicted
 * @param lastEvicted how many objects went then
 */
public record EvictionStatus(
    Optional<EvictionOptions> options, Optional<Instant> lastRun, long lastEvicted) {}
