package io.guardedjdbc;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Every property of the guard, given in the URL or in the connection's properties; as with pgjdbc,
 * the URL's value counts where both give one. Durations are {@code 24h}, {@code 90min}, {@code 5s},
 * {@code 500ms}, {@code 1d} or ISO-8601 ({@code PT24H}).
 */
public enum GuardProperty {
  /** Relations to guard besides those that the database names. */
  ENTRYPOINTS(
      "guard.entrypoints",
      null,
      "Relations to guard besides those that policies and registry name: schema.name, comma between."),
  /** Tightens the registry's maximum age. */
  MAX_AGE(
      "guard.maxAge",
      null,
      "Maximum age of a certificate; only tightens the registry's limit (24h where it has none)."),
  /** Whether leases may be used. */
  VALIDATION(
      "guard.validation",
      "leased",
      "leased: decide on a look younger than its lease where leases prove something;"
          + " always: look after each result.",
      "leased",
      "always"),
  /** Upper bound of a lease. */
  LEASE("guard.lease", null, "Upper bound of a lease; only lowers what the registry grants."),
  /** What happens to relations inside a closure. */
  CLOSURE(
      "guard.closure",
      null,
      "Relations inside a store's closure: deny (read the entrypoint), guard (as the entrypoint),"
          + " allow. Default: the store's policy, else deny.",
      "deny",
      "guard",
      "allow"),
  /** Relations to refuse besides those that the policies name. */
  REFUSED(
      "guard.refused",
      null,
      "Relations to refuse besides those that the policies name: schema.name, * for any text,"
          + " comma between."),
  /** Copies of guarded rows. */
  COPIES(
      "guard.copies",
      "undo",
      "Statements that copy guarded rows elsewhere: undo (they leave nothing when refused; what no"
          + " rollback undoes is refused), deny (also DO, CALL and volatile functions that reach"
          + " guarded rows), allow.",
      "undo",
      "deny",
      "allow"),
  /** Whether pgjdbc's own classes may be unwrapped. */
  UNWRAP(
      "guard.unwrap",
      "deny",
      "Whether unwrap may hand out pgjdbc's own classes, which nothing guards.",
      "deny",
      "allow"),
  /** The registry's table. */
  REGISTRY("guard.registry", "audit.t0_cert_registry", "The registry: schema.table."),
  /** Longest wait for registry and catalog. */
  REGISTRY_TIMEOUT(
      "guard.registryTimeout", "5s", "Longest wait for the registry and the guard map."),
  /** The pin. */
  CERTIFICATE(
      "guard.certificate",
      null,
      "The only certificate that may cover a release; reads that another covers are refused."),
  /** The exported snapshot. */
  SNAPSHOT(
      "guard.snapshot",
      null,
      "An exported snapshot (pg_export_snapshot) that every transaction reads, autocommit included:"
          + " partitions of one read."),
  /** Refuse or warn. */
  MODE(
      "guard.mode",
      "enforce",
      "enforce: refuse; observe: warn instead (SQLWarning on the statement, one log line a change),"
          + " for rolling out.",
      "enforce",
      "observe");

  /** What the names of all guard properties begin with. */
  static final String PREFIX = "guard.";

  private final String key;
  private final @Nullable String defaultValue;
  private final String description;
  private final String choices;

  GuardProperty(String key, @Nullable String defaultValue, String description, String... choices) {
    this.key = key;
    this.defaultValue = defaultValue;
    this.description = description;
    this.choices = String.join(",", choices);
  }

  /** The name in URLs and properties; case counts. */
  public String key() {
    return key;
  }

  /** What holds where it is not given; null: see the description. */
  public @Nullable String defaultValue() {
    return defaultValue;
  }

  /** One or two sentences for people. */
  public String description() {
    return description;
  }

  /** The allowed values; empty: any of the property's form. */
  public List<String> choices() {
    return choices.isEmpty() ? List.of() : List.of(choices.split(",", -1));
  }

  /** The property of that name. */
  static Optional<GuardProperty> of(String key) {
    return Arrays.stream(values()).filter(property -> property.key.equals(key)).findFirst();
  }

  /** The given value or the default; null where there is neither. */
  @Nullable String in(Properties properties) {
    String given = properties.getProperty(key);
    return given == null ? defaultValue : given;
  }
}
