package io.guardedjdbc.catalog;

import static java.util.stream.Collectors.joining;

import io.guardedjdbc.catalog.MapSource.Found;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks the catalog, which everybody may read, what of the audit schema is there and may be read or
 * called. Raises no error for what is missing.
 */
final class SourceQuery {
  private static final String SQL =
      """
      SELECT n.oid IS NOT NULL
          AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'::pg_catalog.text),
        o.name, o.is_function, o.owner, o.callable, o.may_read, o.hidden
      FROM (SELECT ?::pg_catalog.text AS name) s
      LEFT JOIN pg_catalog.pg_namespace n
        ON n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) s.name
      LEFT JOIN (
        SELECT c.relnamespace AS nsp, c.relname::pg_catalog.text AS name, false AS is_function,
          c.relowner::pg_catalog.int8 AS owner, false AS callable,
          pg_catalog.has_table_privilege(c.oid, 'SELECT'::pg_catalog.text)
            OR COALESCE((
              SELECT pg_catalog.bool_and(
                pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'::pg_catalog.text))
              FROM pg_catalog.pg_attribute a
              WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
                AND a.attname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY['entrypoint',
                  'store', 'closure', 'rule', 'pattern', 'reason', 'name', 'sql', 'reads',
                  'writes', 'from_relation', 'to_relation']::pg_catalog.text[])
                AND NOT a.attisdropped), false) AS may_read,
          c.relrowsecurity AND pg_catalog.row_security_active(c.oid) AS hidden
        FROM pg_catalog.pg_class c
        WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p', 'v', 'm']::pg_catalog."char"[])
          AND c.relname::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY[?::pg_catalog.text,
            'entrypoint_policy', 'relation_rule', 't0_viewdef_baseline', 'sql_step',
            'declared_edge']::pg_catalog.text[])
        UNION ALL
        SELECT p.pronamespace, p.proname::pg_catalog.text, true, p.proowner::pg_catalog.int8,
          pg_catalog.has_function_privilege(p.oid, 'EXECUTE'::pg_catalog.text), false, false
        FROM pg_catalog.pg_proc p
        WHERE p.proname::pg_catalog.text OPERATOR(pg_catalog.=)
            ANY (ARRAY['guard_policy', 'certificate_look', 'catalog_changes']::pg_catalog.text[])
          AND p.pronargs OPERATOR(pg_catalog.=) 0::pg_catalog.int2
          AND p.prosecdef
      ) o ON o.nsp OPERATOR(pg_catalog.=) n.oid
      UNION ALL
      SELECT NULL, p.proname::pg_catalog.text, NULL, p.oid::pg_catalog.int8, NULL, NULL, NULL
      FROM pg_catalog.pg_proc p WHERE p.oid OPERATOR(pg_catalog.<) 16384::pg_catalog.oid
        AND p.proname OPERATOR(pg_catalog.=) ANY (ARRAY[%FUNCTIONS%]::pg_catalog.name[])
      UNION ALL
      SELECT NULL, c.relname::pg_catalog.text, NULL, c.oid::pg_catalog.int8, NULL, NULL, NULL
      FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.<) 16384::pg_catalog.oid
        AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[%STATISTICS%]::pg_catalog.name[])
      """;

  private SourceQuery() {}

  private static String sql() {
    return SQL.replace(
            "%FUNCTIONS%",
            literals(OpaqueNames.BUILT_IN_FUNCTIONS)
                + ", "
                + literals(IrrevocableNames.BUILT_IN_FUNCTIONS)
                + ", "
                + literals(OpaqueNames.CALL_INPUT_FUNCTIONS))
        .replace("%STATISTICS%", literals(OpaqueNames.STATISTICS));
  }

  private static String literals(Set<String> names) {
    return names.stream().sorted().map(name -> "'" + name + "'").collect(joining(", "));
  }

  static MapSource.Finding run(Connection connection, GuardMapOptions options) throws SQLException {
    boolean schemaUsable = false;
    Map<Long, String> marked = new HashMap<>();
    List<Found> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql())) {
      statement.setString(1, options.schema());
      statement.setString(2, options.registry().name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String name = rows.getString(2);
          boolean usable = rows.getBoolean(1);
          if (rows.wasNull()) {
            marked.put(rows.getLong(4), name);
            continue;
          }
          schemaUsable = usable;
          if (name != null) {
            found.add(
                new Found(
                    name,
                    rows.getBoolean(3),
                    rows.getLong(4),
                    rows.getBoolean(5),
                    rows.getBoolean(6),
                    rows.getBoolean(7)));
          }
        }
      }
    }
    return MapSource.choose(options, schemaUsable, found, marked);
  }
}
