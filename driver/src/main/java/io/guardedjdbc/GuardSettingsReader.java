package io.guardedjdbc;

import io.guardedjdbc.catalog.ClosureRule;
import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.catalog.RelationName;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.guard.Copies;
import io.guardedjdbc.guard.GuardSettings;
import io.guardedjdbc.guard.Mode;
import io.guardedjdbc.guard.Validation;
import io.guardedjdbc.registry.RegistryName;
import java.sql.SQLException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns the guard's properties into settings, or says which value is wrong and what is allowed. */
final class GuardSettingsReader {
  private static final Pattern SHORT =
      Pattern.compile("(\\d{1,9})\\s*(ms|s|min|h|d)", Pattern.CASE_INSENSITIVE);

  private static final Pattern SNAPSHOT_ID = Pattern.compile("[0-9A-Fa-f]+(-[0-9A-Fa-f]+){1,3}");

  private final Properties properties;

  GuardSettingsReader(Properties properties) {
    this.properties = properties;
  }

  /**
   * @throws SQLException RG901 with the name, the value and what is allowed
   */
  GuardSettings read() throws SQLException {
    RegistryName registry =
        parsed(GuardProperty.REGISTRY, RegistryName::parse, "schema.table", RegistryName.DEFAULT);
    String closure = choice(GuardProperty.CLOSURE);
    Duration timeout = duration(GuardProperty.REGISTRY_TIMEOUT);
    String pin = GuardProperty.CERTIFICATE.in(properties);
    return new GuardSettings(
        new GuardMapOptions(
            new RelationName(registry.schema(), registry.table()),
            names(GuardProperty.ENTRYPOINTS),
            names(GuardProperty.REFUSED),
            closure == null ? null : ClosureRule.valueOf(closure.toUpperCase(Locale.ROOT))),
        registry,
        duration(GuardProperty.MAX_AGE),
        duration(GuardProperty.LEASE),
        "always".equals(choice(GuardProperty.VALIDATION)) ? Validation.ALWAYS : Validation.LEASED,
        "allow".equals(choice(GuardProperty.UNWRAP)),
        timeout == null ? Duration.ofSeconds(5) : timeout,
        pin == null || pin.isBlank() ? null : pin.strip(),
        Copies.valueOf(upper(choice(GuardProperty.COPIES), "undo")),
        Mode.valueOf(upper(choice(GuardProperty.MODE), "enforce")),
        snapshot());
  }

  private @Nullable String snapshot() throws SQLException {
    String value = GuardProperty.SNAPSHOT.in(properties);
    if (value == null || SNAPSHOT_ID.matcher(value).matches()) {
      return value;
    }
    throw bad(GuardProperty.SNAPSHOT, value, "what pg_export_snapshot() gave");
  }

  private @Nullable String choice(GuardProperty property) throws SQLException {
    String value = property.in(properties);
    if (value == null || property.choices().contains(value)) {
      return value;
    }
    throw bad(property, value, String.join(" or ", property.choices()));
  }

  private static String upper(@Nullable String choice, String otherwise) {
    return (choice == null ? otherwise : choice).toUpperCase(Locale.ROOT);
  }

  private List<String> names(GuardProperty property) throws SQLException {
    String value = property.in(properties);
    if (value == null) {
      return List.of();
    }
    List<String> names =
        Arrays.stream(value.split(",")).map(String::strip).filter(n -> !n.isEmpty()).toList();
    for (String name : names) {
      try {
        if (RelationName.parse(name).schema() == null) {
          throw bad(property, value, "schema.name, with commas between");
        }
      } catch (IllegalArgumentException e) {
        throw bad(property, value, "schema.name, with commas between");
      }
    }
    return names;
  }

  private @Nullable Duration duration(GuardProperty property) throws SQLException {
    String value = property.in(properties);
    if (value == null) {
      return null;
    }
    Duration duration = duration(value.strip());
    if (duration == null || duration.isNegative() || duration.isZero()) {
      throw bad(property, value, "a duration above zero such as 24h, 90min, 5s, 500ms or PT24H");
    }
    return duration;
  }

  private static @Nullable Duration duration(String text) {
    Matcher match = SHORT.matcher(text);
    if (match.matches()) {
      long amount = Long.parseLong(match.group(1));
      return switch (match.group(2).toLowerCase(Locale.ROOT)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "min" -> Duration.ofMinutes(amount);
        case "h" -> Duration.ofHours(amount);
        default -> Duration.ofDays(amount);
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private interface Parser<T> {
    T parse(String text);
  }

  private <T> T parsed(GuardProperty property, Parser<T> parser, String allowed, T otherwise)
      throws SQLException {
    String value = property.in(properties);
    try {
      return value == null ? otherwise : parser.parse(value);
    } catch (IllegalArgumentException e) {
      throw bad(property, value, allowed);
    }
  }

  private static SQLException bad(GuardProperty property, @Nullable String value, String allowed) {
    return Refusals.badProperty(property.key() + "=" + value + ": allowed is " + allowed);
  }
}
