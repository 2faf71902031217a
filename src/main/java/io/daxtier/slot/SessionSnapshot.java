package io.daxtier.slot;

import java.time.Duration;

/**
 * A session that holds something.
 *
 * @param id also its CLIENT ID
 * @param peer its address
 * @param locks locks on objects
 * @param reservations slots it may write to
 * @param oldest how long the oldest of them has been held
 */
public record SessionSnapshot(long id, String peer, int locks, int reservations, Duration oldest) {}
