package io.daxtier.reconfigure.dax;

import io.daxtier.reconfigure.Payload;
import io.daxtier.reconfigure.ReconfigurableBackend;
import io.daxtier.reconfigure.Reconfiguration;
import io.daxtier.reconfigure.ReconfigureException;
import io.daxtier.reconfigure.dax.DaxRequest.Mode;
import java.util.List;
import java.util.OptionalLong;
import org.springframework.context.SmartLifecycle;

/**
 * The DAX devices as a backend: reads requests, leaves the work to {@link DaxHotplug}. Runs from
 * after the devices are mapped until before they are unmapped.
 */
public final class DaxBackend implements ReconfigurableBackend, SmartLifecycle {

  /** After the devices (phase 0) at start, before them at stop. */
  public static final int PHASE = 1;

  static final String NAME = "dax";
  static final List<String> MODES_OF_REMOVE = List.of("migrate", "evict", "drain");
  static final List<String> MODES_OF_RESIZE = List.of("migrate", "evict");

  private static final List<String> OPERATIONS = List.of("status", "add", "remove", "resize");

  private final DaxHotplug hotplug;

  public DaxBackend(DaxHotplug hotplug) {
    this.hotplug = hotplug;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> supportedOperations() {
    return OPERATIONS;
  }

  @Override
  public Object status() {
    return hotplug.status();
  }

  @Override
  public boolean isReady() {
    return hotplug.isOpen();
  }

  @Override
  public Reconfiguration prepare(String operation, Payload payload) {
    DaxRequest request =
        switch (operation) {
          case "add" -> add(payload);
          case "remove" -> remove(payload);
          case "resize" -> resize(payload);
          default ->
              throw new ReconfigureException(
                  400, "unsupported dax reconfigure operation: " + operation);
        };
    return () -> hotplug.apply(request);
  }

  private static DaxRequest add(Payload payload) {
    String path = payload.text("device_path");
    String size = payload.integerOrText("size");
    payload.requireNothingElse();
    return new DaxRequest.Add(path, bytes(size));
  }

  private static DaxRequest remove(Payload payload) {
    String path = payload.text("device_path");
    String mode = payload.choice("mode", MODES_OF_REMOVE);
    boolean force = payload.flag("force");
    payload.requireNothingElse();
    return new DaxRequest.Remove(path, Mode.of(mode), force);
  }

  private static DaxRequest resize(Payload payload) {
    String path = payload.text("device_path");
    String size = payload.integerOrText("size");
    String mode = payload.choice("mode", MODES_OF_RESIZE);
    boolean force = payload.flag("force");
    payload.requireNothingElse();
    return new DaxRequest.Resize(path, bytes(size), Mode.of(mode), force);
  }

  private static long bytes(String size) {
    OptionalLong bytes = SizeText.bytes(size);
    if (bytes.isEmpty()) {
      throw new ReconfigureException(
          400, "size must be a positive integer byte count or a string like '100GiB'");
    }
    return bytes.getAsLong();
  }

  @Override
  public void start() {
    hotplug.open();
  }

  @Override
  public void stop() {
    hotplug.close();
  }

  @Override
  public boolean isRunning() {
    return hotplug.isOpen();
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
