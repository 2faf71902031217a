package io.daxtier.reconfigure.dax;

import io.daxtier.reconfigure.ControlClient.Reply;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of one class share one rig, as its start takes seconds. After each test all devices are
 * taken out and nothing may be left over.
 */
abstract class WithDaxRig {

  @TempDir static Path folder;
  static DaxRig rig;

  @BeforeAll
  static void start() {
    rig = new DaxRig(folder);
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @AfterEach
  void clear() {
    rig.clear();
  }

  static Reply post(String operation, String body) {
    return rig.http.post("/reconfigure/dax/" + operation, body);
  }
}
