package io.daxtier.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.daxtier.resp.Operation;
import io.daxtier.resp.Outcome;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OperationMetersTest {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final OperationMeters meters = new OperationMeters(registry);

  @Test
  void meters_beforeTheFirstOperation_areThereAndZero() {
    assertThat(registry.scrape())
        .contains("daxtier_operations_seconds_count{operation=\"store\",outcome=\"stored\"} 0")
        .contains("daxtier_operations_seconds_count{operation=\"load\",outcome=\"hit\"} 0")
        .contains("daxtier_operations_seconds_count{operation=\"lookup\",outcome=\"miss\"} 0")
        .contains("daxtier_transfer_bytes_total{direction=\"in\"} 0.0")
        .contains("daxtier_transfer_bytes_total{direction=\"out\"} 0.0")
        .doesNotContain("operation=\"store\",outcome=\"hit\"")
        .doesNotContain("operation=\"load\",outcome=\"full\"");
  }

  @Test
  void operations_areTimedByOutcomeInFixedBuckets() {
    meters.operation(Operation.LOAD, Outcome.HIT, 700_000, 0);
    meters.operation(Operation.LOAD, Outcome.HIT, TimeUnit.MINUTES.toNanos(1), 0);

    String hits = "daxtier_operations_seconds_bucket{operation=\"load\",outcome=\"hit\",le=\"";
    assertThat(registry.scrape())
        .contains(hits + "5.0E-4\"} 0")
        .contains(hits + "0.001\"} 1")
        .contains(hits + "30.0\"} 1")
        .contains(hits + "+Inf\"} 2")
        .contains("daxtier_operations_seconds_count{operation=\"load\",outcome=\"miss\"} 0");
  }

  @Test
  void bytes_areCountedByDirection() {
    meters.operation(Operation.STORE, Outcome.STORED, 1, 100);
    meters.operation(Operation.STORE, Outcome.FULL, 1, 0);
    meters.operation(Operation.LOAD, Outcome.HIT, 1, 30);
    meters.operation(Operation.LOAD, Outcome.HIT, 1, 40);

    assertThat(bytes("in")).isEqualTo(100);
    assertThat(bytes("out")).isEqualTo(70);
  }

  @Test
  void operation_withOutcomeItCannotHave_countsAsError() {
    meters.operation(Operation.LOOKUP, Outcome.STORED, 1, 0);

    assertThat(
            registry
                .get("daxtier.operations")
                .tags("operation", "lookup", "outcome", "error")
                .timer()
                .count())
        .isEqualTo(1);
  }

  @Test
  void operation_allocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    record(20_000);

    long before = threads.getCurrentThreadAllocatedBytes();
    record(100_000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).as("bytes for 100,000 operations").isLessThan(100_000);
  }

  private void record(int operations) {
    for (int i = 0; i < operations; i++) {
      meters.operation(Operation.LOAD, Outcome.HIT, i, i);
    }
  }

  private double bytes(String direction) {
    return registry.get("daxtier.transfer.bytes").tag("direction", direction).counter().count();
  }
}
