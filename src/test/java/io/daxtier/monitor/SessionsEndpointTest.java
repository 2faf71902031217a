package io.daxtier.monitor;

import static io.daxtier.monitor.TierActions.SLOT_BYTES;
import static io.daxtier.monitor.TierActions.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.daxtier.monitor.SessionsEndpoint.SessionDescriptor;
import io.daxtier.slot.ObjectKey;
import io.daxtier.slot.Session;
import io.daxtier.slot.TestTier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsEndpointTest {

  private final AtomicInteger disconnects = new AtomicInteger();
  private TestTier tier;
  private Session holder;
  private SessionsEndpoint endpoint;

  @BeforeEach
  void openTier(@TempDir Path folder) {
    tier = new TestTier(folder, SLOT_BYTES, true);
    tier.addDevice(8);
    holder =
        tier.store.openSession(
            "127.0.0.1:5555", OptionalLong.empty(), disconnects::incrementAndGet);
    endpoint = new SessionsEndpoint(tier.store);
  }

  @AfterEach
  void closeTier() {
    holder.close();
    tier.close();
  }

  @Test
  void sessions_thatHoldNothing_areNotListed() {
    assertThat(endpoint.sessions().sessions()).isEmpty();
  }

  @Test
  void sessions_thatHoldLocksAndReservations_areListedWithTheirAge() {
    hold();
    tier.pass(Duration.ofMillis(1500));

    assertThat(endpoint.sessions().sessions())
        .containsExactly(new SessionDescriptor(holder.id(), "127.0.0.1:5555", 1, 1, 1500));
  }

  @Test
  void end_ofSession_dropsItsLocksAndDisconnectsIt() {
    hold();

    assertThat(endpoint.end(holder.id()).getStatus()).isEqualTo(204);

    assertThat(disconnects).hasValue(1);
    assertThat(tier.store.locks().locks()).isZero();
    assertThat(endpoint.sessions().sessions()).isEmpty();
    assertThat(endpoint.end(holder.id()).getStatus()).isEqualTo(404);
  }

  @Test
  void end_ofUnknownSession_is404() {
    hold();

    assertThat(endpoint.end(987_654).getStatus()).isEqualTo(404);

    assertThat(disconnects).hasValue(0);
    assertThat(endpoint.sessions().sessions()).hasSize(1);
  }

  private void hold() {
    put(tier, "k", 10);
    assertThat(holder.lookup(ObjectKey.of("k"))).isNotNull();
    holder.reserve(ObjectKey.of("new"), 20);
  }
}
