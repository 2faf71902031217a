/** Adding, draining, emptying, shrinking and growing DAX devices while the service runs. */
@NullMarked
package io.daxtier.reconfigure.dax;

import org.jspecify.annotations.NullMarked;
