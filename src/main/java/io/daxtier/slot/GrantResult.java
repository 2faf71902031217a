package io.daxtier.slot;

/** An address to write to, or why there is none. */
public sealed interface GrantResult permits Grant, GrantRefusal {}
