package io.guardedjdbc.registry;

import java.util.regex.Pattern;

/** Schema and name of the registry's table, as the catalog spells them (unquoted). */
public record RegistryName(String schema, String table) {
  /** Where the runbook keeps it. */
  public static final RegistryName DEFAULT = new RegistryName("audit", "t0_cert_registry");

  private static final Pattern PLAIN =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_$]*)\\.([A-Za-z_][A-Za-z0-9_$]*)");

  /**
   * Reads {@code schema.table}; letters are folded to lower case as PostgreSQL does.
   *
   * @throws IllegalArgumentException where it is anything else
   */
  public static RegistryName parse(String text) {
    var match = PLAIN.matcher(text.strip());
    if (!match.matches()) {
      throw new IllegalArgumentException("not of the form schema.table");
    }
    return new RegistryName(lower(match.group(1)), lower(match.group(2)));
  }

  /** Both parts quoted, ready for SQL. */
  public String quoted() {
    return quote(schema) + "." + quote(table);
  }

  @Override
  public String toString() {
    return schema + "." + table;
  }

  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }
}
