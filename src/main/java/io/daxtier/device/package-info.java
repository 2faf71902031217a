/** Which devices exist and in which state, and the table of allowed moves between states. */
@NullMarked
package io.daxtier.device;

import org.jspecify.annotations.NullMarked;
