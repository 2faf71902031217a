package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheSaltTest {

  @ParameterizedTest
  @CsvSource({
    "meta-llama/Llama-3.1-8B-Instruct@01000100@0@0001aa1f, ''",
    "m@100ff00ff@1a@00010203@tenant é x, tenant é x",
    "prefix@m@01000100@0@0001aa1f, ''",
    "prefix@m@01000100@0@0001aa1f@alice, alice",
    "m@01000100@0@0001aa1f@01000100, 01000100",
    "m@01000100@0@0001aa1, ''",
    "m@0100010@0@0001aa1f@alice, ''",
    "m@01000100@@0001aa1f@alice, ''",
    "m@01000100@0@@alice, ''",
    "M@01000100@0@0001AA1F@alice, ''",
    "chunk:1, ''",
    "@, ''",
    "'', ''",
    "m@01000100@0@0001aa1f@, ''",
  })
  void salt_isWhatFollowsTheHash(String key, String salt) {
    assertThat(CacheSalt.of(key.getBytes(StandardCharsets.UTF_8))).isEqualTo(salt);
  }
}
