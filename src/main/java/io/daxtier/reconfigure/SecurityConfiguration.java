package io.daxtier.reconfigure;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may do what over HTTP: everyone may read, operators may change. This holds for every route of
 * the service and of the actuator, known or not, on both ports. There are no sessions, cookies,
 * users or log-in forms, and with no cookie to steal a ride on, no CSRF tokens.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);

  @Bean
  SecurityFilterChain securityFilterChain(HttpSecurity http, OperatorOptions options)
      throws Exception {
    if (options.adminToken() == null) {
      LOG.warn("dax.admin-token is not set: only callers of this host may change devices");
    }
    RequestMatcher reading = request -> AuditFilter.READING_METHODS.contains(request.getMethod());
    return http.csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers(reading)
                    .permitAll()
                    .anyRequest()
                    .hasAuthority(OperatorFilter.OPERATOR))
        .exceptionHandling(e -> e.authenticationEntryPoint(refusal(options)))
        .addFilterBefore(new OperatorFilter(options), AnonymousAuthenticationFilter.class)
        .addFilterBefore(new AuditFilter(System::nanoTime), ExceptionTranslationFilter.class)
        .build();
  }

  /** There is nobody to authenticate by name; without this Boot would invent a user. */
  @Bean
  AuthenticationManager noUsers() {
    return authentication -> {
      throw new AuthenticationServiceException("no users");
    };
  }

  /** A caller is an operator or nobody, so this is how all refusals look. */
  private static AuthenticationEntryPoint refusal(OperatorOptions options) {
    return (request, response, exception) -> {
      if (options.adminToken() == null) {
        refuse(response, 403, "only callers of this host may change anything");
      } else {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        refuse(response, 401, "a valid admin token is needed");
      }
    };
  }

  private static void refuse(HttpServletResponse response, int status, String error)
      throws IOException {
    response.setStatus(status);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.getWriter().write("{\"error\":\"" + error + "\"}");
  }
}
