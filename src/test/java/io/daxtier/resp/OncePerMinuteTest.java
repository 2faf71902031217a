package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OncePerMinuteTest {

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
  private final OncePerMinute line = new OncePerMinute(nanos::get);

  @Test
  void isDue_atFirst_andAMinuteAfterItWas() {
    assertThat(line.isDue()).isTrue();
    assertThat(line.isDue()).isFalse();
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThat(line.isDue()).isFalse();
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(line.isDue()).isTrue();
    assertThat(line.isDue()).isFalse();
  }
}
