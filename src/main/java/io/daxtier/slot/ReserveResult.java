package io.daxtier.slot;

/** A reservation, or why there is none. */
public sealed interface ReserveResult permits Reservation, ReserveRefusal {}
