package io.daxtier.reconfigure;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One backend.
 *
 * @param status its own status, whatever that holds
 * @param adapterIndex its place among the backends of its name, as requests give it
 * @param l2AdapterIndex its place among all backends, as replies give it
 */
@JsonNaming(SnakeCaseStrategy.class)
record AdapterStatus(
    String backend,
    List<String> supportedOperations,
    Object status,
    int adapterIndex,
    int l2AdapterIndex) {}
