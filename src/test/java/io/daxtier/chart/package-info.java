/** The chart in {@code helm/daxtier}, rendered by Helm itself and looked at from all sides. */
@NullMarked
package io.daxtier.chart;

import org.jspecify.annotations.NullMarked;
