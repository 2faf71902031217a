package io.daxtier.config;

import io.daxtier.resp.RespException;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Says in one sentence why the service does not start, where the cause is configuration and not a
 * fault of the program. Everything else is left to Spring Boot.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {

  private static final Logger LOG = LoggerFactory.getLogger("io.daxtier.DaxtierApplication");

  @Override
  public boolean reportException(Throwable failure) {
    String sentence = sentence(failure);
    if (sentence == null) {
      return false;
    }
    LOG.error("Daxtier cannot start: {}", sentence);
    return true;
  }

  private static @Nullable String sentence(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ConfigurationException wrong -> {
          return wrong.getMessage();
        }
        case RespException wrong -> {
          return wrong.getMessage();
        }
        case PortInUseException port -> {
          return "HTTP port " + port.getPort() + " is already in use";
        }
        case java.net.BindException wrong -> {
          return "cannot listen for HTTP (server.address, management.server.address): "
              + wrong.getMessage();
        }
        case NoSuchSslBundleException wrong -> {
          return wrong.getMessage() + " (server.ssl.bundle, management.server.ssl.bundle)";
        }
        case IllegalStateException wrong when isOfTls(wrong) -> {
          return "TLS (server.ssl, management.server.ssl, spring.ssl.bundle): " + reasons(wrong);
        }
        case BindException wrong when wrong.getProperty() != null -> {
          return "%s cannot be '%s'".formatted(wrong.getName(), wrong.getProperty().getValue());
        }
        case MarkedYAMLException wrong when wrong.getProblemMark() != null -> {
          return "line %d of a configuration file is no YAML: %s"
              .formatted(wrong.getProblemMark().getLine() + 1, wrong.getProblem());
        }
        case InvalidConfigurationPropertyValueException wrong -> {
          return "%s cannot be '%s': %s"
              .formatted(wrong.getName(), wrong.getValue(), wrong.getReason());
        }
        default -> {}
      }
    }
    return null;
  }

  /** Spring Boot has no exception of its own for keys and certificates that it cannot read. */
  private static boolean isOfTls(IllegalStateException failure) {
    return Arrays.stream(failure.getStackTrace())
        .limit(2)
        .anyMatch(frame -> frame.getClassName().contains("Ssl"));
  }

  /** What this cause and those below it say, as far as the one that tells what a file lacks. */
  private static String reasons(Throwable failure) {
    String reasons = String.valueOf(failure.getMessage());
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (!reasons.contains(String.valueOf(cause.getMessage()))) {
        reasons += ": " + cause.getMessage();
      }
      if (cause instanceof IOException) {
        break;
      }
    }
    return reasons;
  }
}
