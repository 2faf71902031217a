package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InlineWordsTest {

  @Test
  void split_blanks() throws ProtocolException {
    assertThat(split("")).isEmpty();
    assertThat(split("  \t ")).isEmpty();
    assertThat(split(" set  k\tv ")).containsExactly("set", "k", "v");
  }

  @Test
  void split_quotes() throws ProtocolException {
    assertThat(split("a \"b c\" 'd e' \"\" ''")).containsExactly("a", "b c", "d e", "", "");
    assertThat(split("\"a\\\"b\\\\c\\n\\r\\t\\b\\a\\x41\\xzz\\q\""))
        .containsExactly("a\"b\\c\n\r\t\b\u0007Axzzq");
    assertThat(split("'a\\'b\\n'")).containsExactly("a'b\\n");
    assertThat(split("a\"b c\"")).containsExactly("ab c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"a", "'a", "\"a\"b", "'a'b", "\"a\\", "\""})
  void split_unbalanced_isRefused(String line) {
    assertThatThrownBy(() -> split(line))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("unbalanced quotes in request");
  }

  private static List<String> split(String line) throws ProtocolException {
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return InlineWords.split(bytes, bytes.length).stream()
        .map(word -> new String(word, StandardCharsets.ISO_8859_1))
        .toList();
  }
}
