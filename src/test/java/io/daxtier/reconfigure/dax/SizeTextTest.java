package io.daxtier.reconfigure.dax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeTextTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "007, 7",
    "4096, 4096",
    "1b, 1",
    "1k, 1024",
    "1 KB, 1024",
    "1KiB, 1024",
    "3m, 3145728",
    "3 Mb, 3145728",
    "1536MiB, 1610612736",
    "2g, 2147483648",
    "2GiB, 2147483648",
    "'  2   gB  ', 2147483648",
    "1t, 1099511627776",
    "1.5 tb, 1649267441664",
    "1.5TiB, 1649267441664",
    "0.5k, 512",
    "1.9, 1",
    "1.0000000000000000000000000000000000000001k, 1024",
    "9223372036854775807, 9223372036854775807"
  })
  void bytes_ofASize(String text, long bytes) {
    assertThat(SizeText.bytes(text)).isEqualTo(OptionalLong.of(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "many",
        "0",
        "0.0g",
        "0.5",
        "0.0001k",
        "-1",
        "+1",
        "1e3",
        "1.",
        ".5",
        "1.5.5",
        "1 1",
        "1_000",
        "1,5g",
        "0x10",
        "gib",
        "1 pib",
        "1 i",
        "1 kk",
        "1kbit",
        "٤",
        "１",
        "1 ΜB",
        "1\u0000",
        "NaN",
        "Infinity",
        "1K\u0130B"
      })
  void bytes_ofNoSize(String text) {
    assertThat(SizeText.bytes(text)).isEmpty();
  }

  @Test
  void bytes_moreThanAnyDeviceHas() {
    assertThat(SizeText.bytes("9".repeat(40) + "TiB")).hasValue(Long.MAX_VALUE);
    assertThat(SizeText.bytes("9223372036854775808")).hasValue(Long.MAX_VALUE);
  }

  @Test
  void bytes_lengthIsBounded() {
    assertThat(SizeText.bytes("1".repeat(64))).hasValue(Long.MAX_VALUE);
    assertThat(SizeText.bytes("1".repeat(65))).isEmpty();
    assertThat(SizeText.bytes("9" + " ".repeat(5000) + "x")).isEmpty();
    assertThat(SizeText.bytes(" ".repeat(5000) + "9")).hasValue(9);
  }

  @Test
  void bytes_doNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.of("tr"));
      assertThat(SizeText.bytes("1KIB")).hasValue(1024);
    } finally {
      Locale.setDefault(before);
    }
  }
}
