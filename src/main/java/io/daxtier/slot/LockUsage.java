package io.daxtier.slot;

import java.time.Duration;

/**
 * What all sessions together hold.
 *
 * @param oldest how long the oldest of them has been held, zero if there is none
 */
public record LockUsage(long locks, long reservations, Duration oldest) {}
