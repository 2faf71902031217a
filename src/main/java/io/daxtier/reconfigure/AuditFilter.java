package io.daxtier.reconfigure;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Writes one line for every request that changes something, or was refused to: who, what, with
 * which result, how long it took. The line goes to the logger {@value #LOGGER}, as text and as
 * key-value pairs for structured logging; whatever a caller sent is quoted as JSON, so that a line
 * is a line.
 */
public final class AuditFilter extends OncePerRequestFilter {

  /** The logger's name, for those who want the lines elsewhere. */
  public static final String LOGGER = "io.daxtier.audit";

  /** Methods that change nothing and are neither guarded nor written down. */
  public static final Set<String> READING_METHODS = Set.of("GET", "HEAD", "OPTIONS");

  private static final Logger AUDIT = LoggerFactory.getLogger(LOGGER);
  private static final String PAYLOAD = AuditFilter.class.getName() + ".payload";
  private static final int MAX_SHOWN_CHARS = 512;

  private final LongSupplier nanoClock;

  public AuditFilter(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** Adds the payload of a request to what its line will say. */
  static void describe(HttpServletRequest request, JsonNode payload) {
    request.setAttribute(PAYLOAD, payload.toString());
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return READING_METHODS.contains(request.getMethod());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long start = nanoClock.getAsLong();
    boolean failed = true;
    try {
      chain.doFilter(request, response);
      failed = false;
    } finally {
      // An exception that nobody turned into an answer becomes a 500 further out.
      int result = failed && response.getStatus() < 400 ? 500 : response.getStatus();
      write(request, result, Duration.ofNanos(nanoClock.getAsLong() - start));
    }
  }

  private static void write(HttpServletRequest request, int result, Duration duration) {
    Authentication caller = SecurityContextHolder.getContext().getAuthentication();
    String name = caller == null || caller.getName() == null ? "unknown" : caller.getName();
    String who = name + " " + request.getRemoteAddr();
    Object payload = request.getAttribute(PAYLOAD);
    String what =
        shortened(
            request.getMethod()
                + " "
                + request.getRequestURI()
                + (payload == null ? "" : " " + payload));
    AUDIT
        .atInfo()
        .addKeyValue("who", who)
        .addKeyValue("what", what)
        .addKeyValue("result", result)
        .addKeyValue("duration_ms", duration.toMillis())
        .log(
            "audit who={} what={} result={} duration_ms={}",
            quoted(who),
            quoted(what),
            result,
            duration.toMillis());
  }

  private static String shortened(String text) {
    return text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…";
  }

  private static String quoted(String text) {
    return JsonNodeFactory.instance.stringNode(text).toString();
  }
}
