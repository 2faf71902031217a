package io.daxtier.monitor;

import static java.util.stream.Collectors.toMap;

import io.daxtier.slot.SaltUsage;
import io.daxtier.slot.SlotStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What the objects of each {@code cache_salt} use, for the salts with the most objects. Clients
 * choose salts, so there is a limit on how many have a meter and on how long a label is. {@link
 * #refresh} sets the salts and their values.
 */
final class SaltMeterBinder implements MeterBinder {

  /** Salts with a meter. */
  static final int MAX_SALTS = 20;

  /** Characters of a salt that its label has. */
  static final int MAX_LABEL_LENGTH = 64;

  private final SlotStore store;
  private final List<MultiGauge> bound = new CopyOnWriteArrayList<>();
  private volatile Map<String, Long> usedBytes = Map.of();

  SaltMeterBinder(SlotStore store) {
    this.store = store;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bound.add(
        MultiGauge.builder("daxtier.salt.used.bytes")
            .description("Bytes of the slots that objects of a cache_salt occupy")
            .baseUnit(BaseUnits.BYTES)
            .register(registry));
    refresh();
  }

  /** Lets meters follow the salts. */
  synchronized void refresh() {
    long slotBytes = store.options().slotBytes();
    Map<String, Long> used =
        store.usageBySalt(MAX_SALTS).stream()
            .collect(toMap(SaltMeterBinder::label, s -> s.slots() * slotBytes, Long::sum));
    usedBytes = used;
    List<Row<?>> rows = used.keySet().stream().<Row<?>>map(this::row).toList();
    bound.forEach(gauge -> gauge.register(rows));
  }

  private Row<?> row(String label) {
    return Row.of(Tags.of("cache_salt", label), this, b -> b.usedBytes.getOrDefault(label, 0L));
  }

  private static String label(SaltUsage usage) {
    String salt = usage.salt();
    if (salt.length() <= MAX_LABEL_LENGTH) {
      return salt;
    }
    // Half a character would be written as '?', and so perhaps as another salt's label.
    boolean halves = Character.isHighSurrogate(salt.charAt(MAX_LABEL_LENGTH - 1));
    return salt.substring(0, MAX_LABEL_LENGTH - (halves ? 1 : 0));
  }
}
