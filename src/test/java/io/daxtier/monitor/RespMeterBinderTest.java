package io.daxtier.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.resp.RespSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class RespMeterBinderTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private RespSnapshot snapshot = new RespSnapshot(0, 0, 0, 0, 0, 0, 0, 0, 0);

  @Test
  void meters_followTheDataPlane() {
    new RespMeterBinder(() -> snapshot).bindTo(registry);
    assertThat(registry.get("daxtier.connections").gauge().value()).isZero();

    snapshot = new RespSnapshot(5, 10, 3, 100, 200, 300, 7, 8, 9);

    assertThat(registry.get("daxtier.connections").gauge().value()).isEqualTo(5);
    assertThat(registry.get("daxtier.connections.rejected").functionCounter().count()).isEqualTo(3);
    assertThat(waiting("store")).isEqualTo(7);
    assertThat(waiting("lookup")).isEqualTo(8);
    assertThat(waiting("load")).isEqualTo(9);
  }

  private double waiting(String kind) {
    return registry.get("daxtier.workers.waiting").tag("kind", kind).gauge().value();
  }
}
