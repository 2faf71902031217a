/** The control plane: {@code /reconfigure/{backend}/{operation}} and the dax operations. */
@NullMarked
package io.daxtier.reconfigure;

import org.jspecify.annotations.NullMarked;
