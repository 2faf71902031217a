/** Makes room: the policies, their ticks and eviction on demand. */
@NullMarked
package io.daxtier.eviction;

import org.jspecify.annotations.NullMarked;
