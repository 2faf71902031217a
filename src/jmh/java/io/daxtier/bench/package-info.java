/** Benchmarks of the core without a network; docs/benchmarks.md says how to run them. */
@NullMarked
package io.daxtier.bench;

import org.jspecify.annotations.NullMarked;
