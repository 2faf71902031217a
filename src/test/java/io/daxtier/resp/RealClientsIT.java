package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import glide.api.GlideClient;
import glide.api.models.configuration.GlideClientConfiguration;
import glide.api.models.configuration.NodeAddress;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;

/** The clients that people have, against a running tier. */
@Timeout(120)
class RealClientsIT {

  private static final byte[] VALUE = new byte[(1 << 20) - 3];

  private static TestTier tier;

  @BeforeAll
  static void start() throws IOException {
    new Random(1).nextBytes(VALUE);
    tier = TestTier.builder().evicting().start();
  }

  @AfterAll
  static void stop() throws IOException {
    tier.close();
  }

  @Test
  void jedis() {
    try (Jedis jedis = new Jedis("127.0.0.1", tier.port())) {
      byte[] key = RespPeer.bytes("jedis:1");
      assertThat(jedis.set(key, VALUE)).isEqualTo("OK");
      assertThat(jedis.get(key)).isEqualTo(VALUE);
      assertThat(jedis.set("jedis:2", "v", SetParams.setParams().nx().ex(100))).isEqualTo("OK");
      assertThat(jedis.ttl("jedis:2")).isBetween(98L, 100L);
      assertThat(jedis.mget("jedis:2", "none")).containsExactly("v", null);
      assertThat(jedis.exists("jedis:1", "jedis:2", "none")).isEqualTo(2);
      assertThat(jedis.scan("0", new ScanParams().match("jedis:*").count(1000)).getResult())
          .contains("jedis:1", "jedis:2");
      assertThat(jedis.info("replication")).contains("role:master");
      Pipeline pipeline = jedis.pipelined();
      List<Response<String>> replies = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        pipeline.set("jedis:p", "v" + i);
        replies.add(pipeline.get("jedis:p"));
      }
      pipeline.sync();
      assertThat(replies.getLast().get()).isEqualTo("v99");
      assertThat(jedis.del("jedis:1", "jedis:2", "jedis:p")).isEqualTo(3);
    }
  }

  @Test
  void lettuce() {
    RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", tier.port()));
    try (StatefulRedisConnection<byte[], byte[]> connection =
        client.connect(ByteArrayCodec.INSTANCE)) {
      byte[] key = RespPeer.bytes("lettuce:1");
      assertThat(connection.sync().set(key, VALUE, SetArgs.Builder.px(100_000))).isEqualTo("OK");
      assertThat(connection.sync().get(key)).isEqualTo(VALUE);
      assertThat(connection.sync().pttl(key)).isBetween(90_000L, 100_000L);
      assertThat(connection.sync().persist(key)).isTrue();
      assertThat(connection.sync().exists(key)).isOne();
      assertThat(connection.sync().del(key)).isOne();
      assertThat(connection.sync().get(key)).isNull();
    } finally {
      client.shutdown();
    }
  }

  @Test
  void valkeyGlide() throws Exception {
    GlideClientConfiguration configuration =
        GlideClientConfiguration.builder()
            .address(NodeAddress.builder().host("127.0.0.1").port(tier.port()).build())
            .requestTimeout(20_000)
            .build();
    try (GlideClient client = GlideClient.createClient(configuration).get(30, TimeUnit.SECONDS)) {
      String value = "v".repeat(1 << 20);
      assertThat(client.set("glide:1", value).get()).isEqualTo("OK");
      assertThat(client.get("glide:1").get()).isEqualTo(value);
      assertThat(client.exists(new String[] {"glide:1", "none"}).get()).isOne();
      assertThat(client.del(new String[] {"glide:1"}).get()).isOne();
      assertThat(client.get("glide:1").get()).isNull();
    }
  }

  @Test
  void redisCli() throws Exception {
    assumeThat(RedisServer.isInstalled()).as("Redis's tools are installed").isTrue();
    assertThat(run("redis-cli", "SET", "cli", "value")).isEqualTo("OK\n");
    assertThat(run("redis-cli", "-3", "GET", "cli")).isEqualTo("value\n");
    assertThat(run("redis-cli", "--scan", "--pattern", "cli*")).isEqualTo("cli\n");
    assertThat(run("redis-cli", "COMMAND", "DOCS", "GET")).contains("Loads an object.");
    assertThat(run("redis-cli", "NOSUCH")).startsWith("ERR unknown command 'NOSUCH'");
  }

  @Test
  void redisBenchmark() throws Exception {
    assumeThat(RedisServer.isInstalled()).as("Redis's tools are installed").isTrue();
    assertThat(
            run("redis-benchmark", "-n", "2000", "-c", "8", "-P", "16", "-t", "ping,set,get", "-q"))
        .contains("SET: ", "GET: ", "requests per second")
        .doesNotContain("Error");
  }

  private static String run(String tool, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(tool, "-p", Integer.toString(tier.port())));
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
