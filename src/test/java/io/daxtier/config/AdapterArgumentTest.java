package io.daxtier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterArgumentTest {

  @Test
  void find_nothingGiven() {
    assertThat(AdapterArgument.find(List.of("--server.port=1"), null)).isEmpty();
  }

  @Test
  void find_withSpaceOrEquals() {
    var expected = new AdapterArgument("--l2-adapter", "{\"a\":\"b=c\"}");

    assertThat(AdapterArgument.find(List.of("--x", "--l2-adapter", expected.json(), "y"), null))
        .contains(expected);
    assertThat(AdapterArgument.find(List.of("--l2-adapter=" + expected.json()), null))
        .contains(expected);
  }

  @Test
  void find_variable_losesToTheArgument() {
    assertThat(AdapterArgument.find(List.of(), "{1}"))
        .contains(new AdapterArgument("L2_ADAPTER_JSON", "{1}"));
    assertThat(AdapterArgument.find(List.of("--l2-adapter={2}"), "{1}"))
        .contains(new AdapterArgument("--l2-adapter", "{2}"));
  }

  @Test
  void find_blankVariable_isNone() {
    assertThat(AdapterArgument.find(List.of(), " ")).isEmpty();
  }

  @Test
  void find_twoArguments_stopsTheStart() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () -> AdapterArgument.find(List.of("--l2-adapter={}", "--l2-adapter", "{}"), null))
        .withMessageStartingWith("--l2-adapter is given twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--l2-adapter", "--l2-adapter=", "--l2-adapter= "})
  void find_noValue_stopsTheStart(String argument) {
    for (List<String> arguments :
        List.of(List.of(argument), List.of(argument, "--server.port=1"))) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> AdapterArgument.find(arguments, null))
          .withMessage("--l2-adapter needs a value: the adapter's JSON");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--l2_adapter", "--l2adapter", "--L2-Adapter", "-l2-adapter"})
  void find_anotherSpelling_stopsTheStart(String option) {
    for (List<String> arguments : List.of(List.of(option, "{}"), List.of(option + "={\n}"))) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> AdapterArgument.find(arguments, "{}"))
          .withMessage(option + " is not an option: it is spelt --l2-adapter");
    }
  }
}
