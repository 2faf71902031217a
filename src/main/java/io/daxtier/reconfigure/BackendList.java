package io.daxtier.reconfigure;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The kinds of backend that can be reconfigured.
 *
 * @param enabled whether there are any
 * @param backends their names, sorted, each once
 */
@JsonNaming(SnakeCaseStrategy.class)
record BackendList(boolean enabled, int numBackends, List<String> backends) {}
