package io.guardedjdbc.catalog;

/**
 * What the catalog was like at one moment, for telling whether a guard map is still current. Equal
 * digests mean equal maps, up to collisions of 64-bit sums.
 *
 * <p>Counts and sums of hashes over (oid, name, schema, kind) of {@code pg_class}, not its {@code
 * xmin}, which a blocking refresh changes; over (oid, name) of {@code pg_namespace}; over (key,
 * xmin) of the catalogs that hold definitions; over attributes of composite types, and those of
 * tables whose type is not built in; and over policies and baselines themselves. The registry is
 * not read for it: see {@link Registered}. Temporary tables are left out, unless they inherit:
 * every session makes them, and none leads to anything guarded. Extended statistics, indexes that
 * hold plain columns, and TOAST tables are left out too; of the other indexes their expressions
 * count, not their {@code xmin}.
 */
public record CatalogDigest(String value) {
  /** Which rows of {@code pg_class c} matter, for digest and map alike. */
  static final String RELATIONS =
      """
      c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'm', 'p', 'f', 'S', 'c']::pg_catalog."char"[])
        AND (c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
          OR c.relkind OPERATOR(pg_catalog.=) 'v'::pg_catalog."char"
          OR EXISTS (SELECT FROM pg_catalog.pg_inherits h
            WHERE h.inhrelid OPERATOR(pg_catalog.=) c.oid))""";

  /** What row types are made of, where it is no built-in type or nothing else says it. */
  static final String ATTRIBUTES =
      """
      (SELECT c.reltype, a.attrelid, a.attnum, a.atttypid
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
      WHERE c.relkind OPERATOR(pg_catalog.=) 'c'::pg_catalog."char"
      UNION ALL
      SELECT c.reltype, a.attrelid, a.attnum, a.atttypid
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON a.attrelid OPERATOR(pg_catalog.=) c.oid
      WHERE a.atttypid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
        AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
        AND c.relkind OPERATOR(pg_catalog.=)
          ANY (ARRAY['r', 'v', 'm', 'p', 'f']::pg_catalog."char"[]))""";

  static String sql(MapSource source) {
    String rows =
        String.join(
            ", ",
            hash(
                "ROW(x.oid, x.nspname)",
                "(SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n"
                    + " WHERE NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_t'))"),
            hash(
                "ROW(x.oid, x.relname, x.relnamespace, x.relkind)",
                "(SELECT c.oid, c.relname, c.relnamespace, c.relkind FROM pg_catalog.pg_class c"
                    + " WHERE "
                    + RELATIONS
                    + ")"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_rewrite"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_proc"),
            hash("ROW(x.inhrelid, x.inhparent, x.xmin)", "pg_catalog.pg_inherits"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_trigger"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_policy"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_cast"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_operator"),
            hash("ROW(x.oid, x.xmin)", "pg_catalog.pg_attrdef"),
            hash(
                "ROW(x.oid, x.xmin)",
                "(SELECT k.oid, k.xmin FROM pg_catalog.pg_constraint k"
                    + " WHERE k.contype OPERATOR(pg_catalog.=) ANY"
                    + " (ARRAY['c', 'f']::pg_catalog.\"char\"[]))"),
            hash(
                "ROW(x.indexrelid, x.indexprs, x.indpred)",
                "(SELECT i.indexrelid, i.indexprs::pg_catalog.text, i.indpred::pg_catalog.text"
                    + " FROM pg_catalog.pg_index i"
                    + " WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)"),
            hash(
                "ROW(x.oid, x.xmin)",
                "(SELECT t.oid, t.xmin FROM pg_catalog.pg_type t WHERE t.typtype"
                    + " OPERATOR(pg_catalog.=) ANY (ARRAY['d', 'r']::pg_catalog.\"char\"[]))"),
            hash("ROW(x.attrelid, x.attnum, x.atttypid)", ATTRIBUTES),
            hash(
                "ROW(x.source, x.entrypoint, x.store, x.closure, x.rule, x.pattern, x.reason)",
                "(" + PolicyQuery.declared(source) + ")"));
    return "SELECT pg_catalog.concat_ws(' '::pg_catalog.text, " + rows + "), " + changes(source);
  }

  /** What the seal has counted; null where the database is not sealed. */
  static String changes(MapSource source) {
    return source.changesCounted()
        ? PolicyQuery.in(source, "catalog_changes") + "()"
        : "NULL::pg_catalog.text";
  }

  private static String hash(String row, String from) {
    return "(SELECT pg_catalog.concat(pg_catalog.count(*), '/'::pg_catalog.text,"
        + " pg_catalog.sum(pg_catalog.hash_record_extended("
        + row
        + ", 0::pg_catalog.int8))) FROM "
        + from
        + " x)";
  }
}
