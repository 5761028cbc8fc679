package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.text.MappingReader;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Numbers and durations among the settings of gates. */
final class Numbers {
  private Numbers() {}

  static void whole(MappingReader reader, String key, Map<String, Object> settings) {
    reader
        .parsed(key, caught(Integer::valueOf, number -> number > 0), "a whole number above 0")
        .ifPresent(number -> settings.put(key, number));
  }

  static void decimal(MappingReader reader, String key, Map<String, Object> settings) {
    reader
        .parsed(key, caught(BigDecimal::new, number -> number.signum() >= 0), "a number from 0 up")
        .ifPresent(number -> settings.put(key, number));
  }

  /** A duration that must be there, in the form that PostgreSQL reads; empty after a complaint. */
  static String requiredSpan(MappingReader reader, String key) {
    if (!reader.keys().contains(key)) {
      return reader.requiredText(key);
    }
    return reader.duration(key).map(Duration::toString).orElse("");
  }

  private static <T> Function<String, Optional<T>> caught(
      Function<String, T> parser, java.util.function.Predicate<T> allowed) {
    return text -> {
      try {
        return Optional.of(parser.apply(text.strip())).filter(allowed);
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    };
  }
}
