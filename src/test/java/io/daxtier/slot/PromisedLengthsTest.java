package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromisedLengthsTest {

  private final PromisedLengths promises = new PromisedLengths();

  @Test
  void expire_dropsThoseWhoseTimeIsOver() {
    promises.remember(key(1), 1, 0);
    promises.remember(key(2), 2, 1);
    promises.remember(key(3), 3, 2);
    promises.remember(key(1), 4, 3);
    promises.expire(PromisedLengths.KEPT_NANOS + 1);
    assertThat(promises.of(key(2), 0)).isEmpty();
    assertThat(promises.of(key(3), 0)).hasValue(3);
    assertThat(promises.of(key(1), 0)).as("remembered again").hasValue(4);
  }

  @Test
  void remember_beyondTheLimit_forgetsTheEldest() {
    for (int i = 0; i <= PromisedLengths.MAX_PROMISES; i++) {
      promises.remember(key(i), i, i);
    }
    assertThat(promises.of(key(0), 0)).isEmpty();
    assertThat(promises.of(key(1), 0)).hasValue(1);
  }

  private static ObjectKey key(int number) {
    return ObjectKey.of("k" + number);
  }
}
