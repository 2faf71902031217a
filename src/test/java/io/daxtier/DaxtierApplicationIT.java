package io.daxtier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.core.env.Environment;

@SpringBootTest
class DaxtierApplicationIT {

  @Autowired private Environment environment;

  @Test
  void context_withNoConfiguration_listensOnLoopbackOnly() {
    assertThat(environment.getProperty("spring.application.name")).isEqualTo("daxtier");
    assertThat(environment.getProperty("server.address")).isEqualTo("127.0.0.1");
    assertThat(environment.getProperty("server.port")).isEqualTo("9000");
  }
}
