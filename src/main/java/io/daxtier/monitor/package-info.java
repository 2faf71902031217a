/** What operators see: actuator endpoints, health and meters, from snapshots only. */
@NullMarked
package io.daxtier.monitor;

import org.jspecify.annotations.NullMarked;
