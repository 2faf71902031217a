package io.daxtier.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the whole configuration comes to.
 *
 * @param properties the same typed properties whichever way they were given
 * @param source what an operator calls the place that the adapter's fields came from
 * @param embeddedFolder the folder of the embedded default's device, if nothing else was asked for
 * @param notices what the log should say once about the configuration
 */
record Tier(
    DaxProperties properties, String source, Optional<Path> embeddedFolder, List<String> notices) {}
