/** Index, slots, reservations, borrows and locks, under one lock that is never held over a copy. */
@NullMarked
package io.daxtier.slot;

import org.jspecify.annotations.NullMarked;
