/** Properties, the {@code --l2-adapter} argument, bean wiring and lifecycle phases. */
@NullMarked
package io.daxtier.config;

import org.jspecify.annotations.NullMarked;
