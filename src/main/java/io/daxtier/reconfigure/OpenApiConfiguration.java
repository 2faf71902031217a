package io.daxtier.reconfigure;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The head of the document at {@code /v3/api-docs}; each backend adds its operations. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        // Else it is whatever Host the caller sends.
        .addServersItem(new Server().url("/"))
        .info(
            new Info()
                .title("Daxtier control plane")
                .version("1")
                .description("Adds, drains, empties and resizes devices while the service runs."))
        .components(
            new Components()
                .addSecuritySchemes(
                    "admin-token",
                    new SecurityScheme()
                        .type(SecurityScheme.Type.HTTP)
                        .scheme("bearer")
                        .description(
                            "Needed to change anything if dax.admin-token is set; else only callers"
                                + " of the service's own host may.")));
  }
}
