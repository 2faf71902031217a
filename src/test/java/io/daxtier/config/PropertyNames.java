package io.daxtier.config;

import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The property names behind a record of properties, found by reflection. */
final class PropertyNames {

  private PropertyNames() {}

  /**
   * The names and values of a properties record, nested records flattened, absent ones included.
   */
  static Map<String, @Nullable Object> valuesOf(String prefix, Record properties) {
    Map<String, @Nullable Object> values = new TreeMap<>();
    collect(prefix, properties.getClass(), properties, values);
    return values;
  }

  private static void collect(
      String prefix,
      Class<?> type,
      @Nullable Object instance,
      Map<String, @Nullable Object> values) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + "." + kebab(component.getName());
      @Nullable Object value = instance == null ? null : value(component, instance);
      if (component.getType().isRecord()) {
        collect(name, component.getType(), value, values);
      } else {
        values.put(name, value);
      }
    }
  }

  private static @Nullable Object value(RecordComponent component, Object instance) {
    try {
      return component.getAccessor().invoke(instance);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(component.toString(), e);
    }
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
