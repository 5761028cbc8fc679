package io.guardedjdbc.registry;

import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;

/**
 * Finds out once, by the catalog alone and so without risking an error, how this role may read the
 * registry: by the reader function of the audit schema, else from the table.
 */
final class RegistryFinder {
  private static final String SQL =
      """
      SELECT c.relkind::pg_catalog.text,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
        COALESCE(pg_catalog.has_table_privilege(c.oid, 'SELECT'), false),
        ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a
          WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0
            AND NOT a.attisdropped),
        EXISTS (SELECT 1 FROM pg_catalog.pg_proc p
          WHERE p.pronamespace OPERATOR(pg_catalog.=) n.oid
            AND p.proname OPERATOR(pg_catalog.=) 'certificate_look'::pg_catalog.name
            AND p.pronargs OPERATOR(pg_catalog.=) 0::pg_catalog.int2
            AND p.prosecdef AND p.proowner OPERATOR(pg_catalog.=) c.relowner
            AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')),
        current_user::pg_catalog.text
      FROM pg_catalog.pg_namespace n
      JOIN pg_catalog.pg_class c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
      WHERE n.nspname OPERATOR(pg_catalog.=) ?::pg_catalog.name
        AND c.relname OPERATOR(pg_catalog.=) ?::pg_catalog.name
      """;

  private RegistryFinder() {}

  /**
   * @throws SQLException RG003 no such table, RG301 the role may not read it (the message names the
   *     GRANT), RG102 a table that is no registry
   */
  static RegistryRead find(Connection connection, RegistryName name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw Refusals.refusal(
              GuardState.UNREADABLE,
              "the registry " + name + " does not exist in this database",
              "Run: refresher init, or name the right table by guard.registry");
        }
        return choose(name, row);
      }
    }
  }

  private static RegistryRead choose(RegistryName name, ResultSet row) throws SQLException {
    String kind = row.getString(1);
    boolean usage = row.getBoolean(2);
    boolean select = row.getBoolean(3);
    Set<String> columns = Set.of((String[]) row.getArray(4).getArray());
    boolean function = row.getBoolean(5);
    String role = RegistryName.quote(row.getString(6));
    if (!usage) {
      throw permission(
          name, "GRANT USAGE ON SCHEMA " + RegistryName.quote(name.schema()) + " TO " + role);
    }
    if (function && RegistryColumns.ours(columns)) {
      return new RegistryRead(
          RegistryColumns.FUNCTION, RegistryName.quote(name.schema()) + ".certificate_look()");
    }
    if (!select) {
      throw permission(name, "GRANT SELECT ON " + name.quoted() + " TO " + role);
    }
    if (RegistryColumns.ours(columns)) {
      return new RegistryRead(RegistryColumns.TABLE, name.quoted());
    }
    if (RegistryColumns.runbooks(columns) && ("r".equals(kind) || "p".equals(kind))) {
      return new RegistryRead(RegistryColumns.RUNBOOK, name.quoted());
    }
    throw Refusals.refusal(
        GuardState.UNCERTIFIED,
        "the relation "
            + name
            + " is no registry: it needs entrypoint, status and certified_at,"
            + " and to be a table",
        "Run: refresher init, or name the right table by guard.registry");
  }

  private static SQLException permission(RegistryName name, String grant) {
    return Refusals.refusal(
        GuardState.PERMISSION, "this role may not read the registry " + name, "Run: " + grant);
  }
}
