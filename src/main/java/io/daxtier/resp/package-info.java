/** The data plane: the Redis protocol, whose values go between socket and slot with no copy. */
@NullMarked
package io.daxtier.resp;

import org.jspecify.annotations.NullMarked;
