package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Examples of any shape, as lines. */
final class Examples {
  private Examples() {}

  /** A line an element of a list, or one line for anything else; none for null. */
  static List<String> lines(@Nullable Object examples) {
    if (examples instanceof List<?> list) {
      return list.stream().map(Examples::one).toList();
    }
    return examples == null ? List.of() : List.of(one(examples));
  }

  /** The elements of a list below a key of a map, as lines; none when there is no such list. */
  static List<String> list(@Nullable Object examples, String key) {
    return examples instanceof Map<?, ?> map && map.get(key) instanceof List<?> list
        ? list.stream().map(Examples::value).toList()
        : List.of();
  }

  private static String one(@Nullable Object example) {
    if (example instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> entry.getKey() + ": " + value(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    return value(example);
  }

  static String value(@Nullable Object value) {
    return value instanceof Map || value instanceof List
        ? Json.compact(value)
        : value == null ? "NULL" : value.toString();
  }
}
