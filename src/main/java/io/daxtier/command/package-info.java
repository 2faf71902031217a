/**
 * The small commands that the jar knows beside the service itself: {@code java -jar daxtier.jar
 * smoke-check …}. A container image without a shell needs them to prepare and to check itself. JDK
 * only: none of them starts Spring.
 */
@NullMarked
package io.daxtier.command;

import org.jspecify.annotations.NullMarked;
