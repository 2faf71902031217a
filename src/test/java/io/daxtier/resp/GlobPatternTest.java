package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {

  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "'', a, false",
    "a, a, true",
    "a, A, false",
    "a, b, false",
    "*, '', true",
    "*, abc, true",
    "a*c, abbc, true",
    "a*c, abbd, false",
    "*b*, abc, true",
    "**, abc, true",
    "a?c, abc, true",
    "a?c, ac, false",
    "?, '', false",
    "[abc], b, true",
    "[abc], d, false",
    "[^abc], d, true",
    "[^abc], a, false",
    "[a-c]x, bx, true",
    "[c-a]x, bx, true",
    "[a-c]x, dx, false",
    "a\\*c, a*c, true",
    "a\\*c, abc, false",
    "[\\]], ], true",
    "[abc, c, true",
    "h*llo*x, hello hello x, true",
    "a\\, a\\, true",
  })
  void matches(String pattern, String text, boolean expected) {
    assertThat(new GlobPattern(bytes(pattern), false).matches(bytes(text))).isEqualTo(expected);
  }

  @Test
  void matches_ignoringCase() {
    assertThat(new GlobPattern(bytes("MaxMem*"), true).matches(bytes("maxmemory"))).isTrue();
    assertThat(new GlobPattern(bytes("[A-C]"), true).matches(bytes("b"))).isTrue();
  }

  /** Many stars must not try all ways of sharing the text among them. */
  @Test
  void matches_manyStars_endsSoon() {
    GlobPattern pattern = new GlobPattern(bytes("a*".repeat(30) + "b"), false);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertThat(pattern.matches(bytes("a".repeat(1024)))).isFalse());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
