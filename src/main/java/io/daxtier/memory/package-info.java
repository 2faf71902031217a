/** A device's bytes: map, unmap, slice, copy; geometry from sysfs; faults become exceptions. */
@NullMarked
package io.daxtier.memory;

import org.jspecify.annotations.NullMarked;
