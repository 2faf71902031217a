package io.daxtier.slot;

/**
 * Objects that went without being deleted by a client, by reason, since the start.
 *
 * @param watermark usage was above the watermark
 * @param demand a store needed the slot
 * @param expired its time to live was over
 * @param operator an operator took the device or a part of it away
 */
public record EvictionCounts(long watermark, long demand, long expired, long operator) {}
