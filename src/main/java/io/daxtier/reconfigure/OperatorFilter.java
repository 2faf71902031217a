package io.daxtier.reconfigure;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Recognises an operator: by the admin token if there is one, else as a caller of this very host.
 * Only the address of the connection counts, no header that says where a request came from.
 *
 * <p>Without a token a web page must not be able to speak for the person who looks at it, so a
 * request that a browser sends for a page of another host ({@code Origin}) is nobody's. With one it
 * cannot: a page does not know the token, and no cookie stands in for it.
 */
final class OperatorFilter extends OncePerRequestFilter {

  /** The authority that a change needs. */
  static final String OPERATOR = "operator";

  private static final String SCHEME = "Bearer ";

  private final byte @Nullable [] token;

  OperatorFilter(OperatorOptions options) {
    this.token = options.tokenBytes();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<String> name = token == null ? loopback(request) : bearer(request, token);
    if (name.isPresent()) {
      Authentication operator =
          UsernamePasswordAuthenticationToken.authenticated(
              name.get(), null, AuthorityUtils.createAuthorityList(OPERATOR));
      SecurityContext context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(operator);
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }

  private static Optional<String> bearer(HttpServletRequest request, byte[] token) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    // Header bytes arrive as Latin-1, also those of a token in UTF-8.
    byte[] presented =
        header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
    return MessageDigest.isEqual(presented, token) ? Optional.of("admin-token") : Optional.empty();
  }

  private static Optional<String> loopback(HttpServletRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return isLoopback(request.getRemoteAddr()) && (origin == null || isLocalPage(origin))
        ? Optional.of("loopback")
        : Optional.empty();
  }

  /** Whether an address is this host talking to itself; the text is an address, never a name. */
  private static boolean isLoopback(String address) {
    try {
      return InetAddress.ofLiteral(address).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isLocalPage(String origin) {
    try {
      String host = URI.create(origin).getHost();
      return host != null
          && (host.equals("localhost") || isLoopback(host.replaceAll("^\\[|]$", "")));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
