package io.daxtier.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageBySaltTest {

  private static final int SLOT_BYTES = 64;

  @TempDir Path folder;

  @Test
  void usage_ofManySalts_findsTheLargest() {
    int salts = 3 * SlotStore.BATCH;
    try (TestTier tier = new TestTier(folder, SLOT_BYTES, false, salts + 3)) {
      for (int i = 0; i < salts; i++) {
        tier.put("m@01000100@0@aa@salt" + i, "1");
      }
      tier.put("m@01000100@0@bb@salt7", "1");
      tier.put("m@01000100@0@bb@salt1500", "1");
      tier.put("m@01000100@0@cc@salt1500", "1");
      assertThat(tier.store.usageBySalt(3))
          .extracting(SaltUsage::salt, SaltUsage::objects)
          .containsExactly(tuple("salt1500", 3L), tuple("salt7", 2L), tuple("salt0", 1L));
      assertThat(tier.store.usageBySalt(2 * salts)).hasSize(salts);
    }
  }

  @Test
  void usage_isExactThroughReplaceAndDelete() {
    try (TestTier tier = new TestTier(folder, SLOT_BYTES, false, 8)) {
      String alice = "m@01000100@0@aa@alice";
      tier.put(alice, "12345");
      tier.put(alice, "123");
      tier.put("m@01000100@0@bb@alice", "1");
      tier.put("m@01000100@0@aa@bob", "1");
      assertThat(tier.store.usageBySalt(1)).containsExactly(new SaltUsage("alice", 2, 2, 4));
      tier.store.delete(ObjectKey.of("m@01000100@0@aa@bob"));
      assertThat(tier.store.usageBySalt(9)).extracting(SaltUsage::salt).containsExactly("alice");
    }
  }
}
