@NullMarked
package io.daxtier.command;

import org.jspecify.annotations.NullMarked;
