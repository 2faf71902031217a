package io.daxtier.slot;

/**
 * What the objects of one {@code cache_salt} use.
 *
 * @param salt empty for objects without one
 * @param objects how many there are
 * @param slots slots they occupy, one each
 * @param payloadBytes their own bytes
 */
public record SaltUsage(String salt, long objects, long slots, long payloadBytes) {}
