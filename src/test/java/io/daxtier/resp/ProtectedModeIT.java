package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is served by a listener on all addresses, with and without a password. */
@Timeout(60)
class ProtectedModeIT {

  private static final String EVERY_ADDRESS = "0.0.0.0";

  /** One of this machine's addresses; whoever connects to it comes from it. */
  private InetAddress outside;

  @BeforeEach
  void findAnAddress() throws SocketException {
    Optional<InetAddress> found = addressBesidesLoopback();
    assumeThat(found).as("an address of this machine besides loopback").isPresent();
    outside = found.orElseThrow();
  }

  @Test
  void withoutAPassword_onlyLoopbackIsServed() throws IOException {
    try (TestTier tier = TestTier.builder().host(EVERY_ADDRESS).start()) {
      try (RespPeer peer = RespPeer.tcp(outside, tier.port())) {
        assertThat(peer.channel().getLocalAddress().toString()).startsWith(outside.toString());
        assertThat(peer.readToEnd())
            .startsWith("-DENIED Daxtier is running in protected mode")
            .contains("dax.resp.password")
            .endsWith("\r\n")
            .hasLineCount(1);
      }
      assertThat(tier.server.snapshot().rejected()).isOne();
      assertThat(tier.server.snapshot().connections()).isZero();
      try (RespPeer peer = tier.connect()) {
        assertThat(peer.ask("PING")).isEqualTo("+PONG\r\n");
      }
    }
  }

  @Test
  void withAPassword_everyoneIsServedWhoHasIt() throws IOException {
    try (TestTier tier =
            TestTier.builder().host(EVERY_ADDRESS).credentials(null, "secret").start();
        RespPeer peer = RespPeer.tcp(outside, tier.port())) {
      assertThat(peer.ask("SET", "k", "v")).isEqualTo("-NOAUTH Authentication required.\r\n");
      assertThat(peer.ask("AUTH", "secret")).isEqualTo("+OK\r\n");
      assertThat(peer.ask("SET", "k", "v")).isEqualTo("+OK\r\n");
      assertThat(tier.server.snapshot().rejected()).isZero();
    }
  }

  private static Optional<InetAddress> addressBesidesLoopback() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .filter(ProtectedModeIT::isUp)
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findFirst();
  }

  private static boolean isUp(NetworkInterface candidate) {
    try {
      return candidate.isUp();
    } catch (SocketException e) {
      return false;
    }
  }
}
