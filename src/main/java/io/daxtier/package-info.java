/** The application: it starts the rooms, which are the packages below this one. */
@NullMarked
package io.daxtier;

import org.jspecify.annotations.NullMarked;
