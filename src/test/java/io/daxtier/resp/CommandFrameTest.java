package io.daxtier.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CommandFrameTest {

  private static final long BUDGET_BYTES = 100_000;

  private final ArgumentBudget budget = new ArgumentBudget(BUDGET_BYTES);
  private final CommandFrame frame = new CommandFrame(budget);

  @Test
  void words_canBeReadBack() {
    frame.clear(3);
    append("gEt");
    append("");
    append("m@k");
    assertThat(frame.size()).isEqualTo(3);
    assertThat(frame.text(0)).isEqualTo("gEt");
    assertThat(frame.length(1)).isZero();
    assertThat(frame.key(2).toString()).isEqualTo("m@k");
    assertThat(frame.is(0, "GET")).isTrue();
    assertThat(frame.is(0, "GETX")).isFalse();
    assertThat(frame.hasAtSign(0)).isFalse();
    assertThat(frame.hasAtSign(2)).isTrue();
    assertThat(frame.hasAtSign(3)).isFalse();
  }

  @Test
  void smallCommands_takeNothingFromTheBudget() {
    for (int i = 0; i < 1000; i++) {
      frame.clear(2);
      append("GET");
      append("k".repeat(1024));
    }
    assertThat(budget.leftBytes()).isEqualTo(BUDGET_BYTES);
  }

  @Test
  void largeCommand_isGivenBackWithTheNext() {
    frame.clear(1000);
    for (int i = 0; i < 1000; i++) {
      append("0123456789");
    }
    assertThat(frame.refusal()).isNull();
    assertThat(frame.text(999)).isEqualTo("0123456789");
    assertThat(budget.leftBytes()).isLessThan(BUDGET_BYTES - 10_000);
    frame.clear(1);
    assertThat(budget.leftBytes()).isEqualTo(BUDGET_BYTES);
  }

  @Test
  void growth_countsWhatIsKept() {
    frame.clear(5);
    for (int i = 0; i < 5; i++) {
      append("x".repeat(10_000));
    }
    assertThat(frame.refusal()).isNull();
    assertThat(frame.length(4)).isEqualTo(10_000);
    frame.clear(0);
    assertThat(budget.leftBytes()).isEqualTo(BUDGET_BYTES);
  }

  @Test
  void commandBeyondTheBudget_isRefusedAndGivesBackWhatItTook() {
    frame.clear(100_000);
    for (int i = 0; i < 100_000; i++) {
      append("0123456789");
    }
    assertThat(frame.refusal()).startsWith("ERR command is too large");
    assertThat(budget.leftBytes()).isNotNegative();
    frame.clear(0);
    assertThat(frame.refusal()).isNull();
    assertThat(budget.leftBytes()).isEqualTo(BUDGET_BYTES);
  }

  /** Empty words cost heap too. */
  @Test
  void manyEmptyWords_areBoundedByTheBudget() {
    frame.clear(1_000_000);
    for (int i = 0; i < 1_000_000; i++) {
      append("");
    }
    assertThat(frame.refusal()).isNotNull();
  }

  @Test
  void value_waitsAtItsPlace() {
    frame.clear(5);
    append("SET");
    append("k");
    frame.appendValue(1L << 40);
    assertThat(frame.hasPendingValue()).isTrue();
    assertThat(frame.valueLength()).isEqualTo(1L << 40);
    append("EX");
    append("10");
    assertThat(frame.text(3)).isEqualTo("EX");
  }

  private void append(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    ByteBuffer target = frame.append(bytes.length);
    if (target != null) {
      target.put(bytes);
    }
  }
}
