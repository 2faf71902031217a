package io.daxtier.reconfigure;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * All backends of one name.
 *
 * @param enabled whether there are any
 */
@JsonNaming(SnakeCaseStrategy.class)
record BackendStatus(
    boolean enabled, String backend, int numAdapters, List<AdapterStatus> adapters) {}
