package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 10, Long.MAX_VALUE, Long.MIN_VALUE})
  void parse_aNumber(long value) {
    assertThat(Numbers.parse(Long.toString(value))).hasValue(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "01",
        "-0",
        "-01",
        "1.0",
        "1e3",
        "0x1",
        "x",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
        "\u0661"
      })
  void parse_anythingElse(String text) {
    assertThat(Numbers.parse(text)).isEmpty();
  }

  @Test
  void timeToLive_beyondTheEndOfTime_isEmpty() {
    assertThat(Numbers.timeToLive(100, true)).hasValue(Duration.ofSeconds(100));
    assertThat(Numbers.timeToLive(100, false)).hasValue(Duration.ofMillis(100));
    assertThat(Numbers.timeToLive(Long.MAX_VALUE, true)).isEmpty();
    assertThat(Numbers.timeToLive(Long.MAX_VALUE, false)).isEmpty();
  }
}
