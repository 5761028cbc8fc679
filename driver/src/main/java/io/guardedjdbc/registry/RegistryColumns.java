package io.guardedjdbc.registry;

import java.util.Set;

/** How the registry's rows are read: which FROM item, and which of the columns it has. */
enum RegistryColumns {
  /** The reader function of the audit schema: everything, without any grant on the tables. */
  FUNCTION,
  /** The table with our columns. */
  TABLE,
  /** The runbook's own six columns: ids are row versions, there are no leases. */
  RUNBOOK;

  private static final Set<String> OURS =
      Set.of("certificate_id", "chain_start", "lease", "max_age", "max_data_age", "refreshed_at");
  private static final Set<String> NEEDED = Set.of("entrypoint", "status", "certified_at");

  /** Through JSON: a registry of an earlier version has no such columns. */
  private static final String EXTENDED_BY =
      "pg_catalog.to_jsonb(c) OPERATOR(pg_catalog.->>) 'extended_by'::pg_catalog.text";

  private static final String WARN_AGE =
      "pg_catalog.to_jsonb(c) OPERATOR(pg_catalog.->>) 'warn_age_ms'::pg_catalog.text";

  static boolean ours(Set<String> columns) {
    return columns.containsAll(OURS);
  }

  static boolean runbooks(Set<String> columns) {
    return columns.containsAll(NEEDED);
  }

  /**
   * The select list for one row {@code c}: fourteen columns, in the order {@link RegistryRead}
   * reads.
   */
  String selectList() {
    return switch (this) {
      case FUNCTION ->
          head()
              + "c.certificate_id::pg_catalog.text, c.chain_start::pg_catalog.text, "
              + micros("c.refreshed_at")
              + ", c.max_age_ms::pg_catalog.text, c.max_data_age_ms::pg_catalog.text,"
              + " c.lease_ms::pg_catalog.text, c.failed_gate, c.store, NULL::pg_catalog.text, "
              + EXTENDED_BY
              + ", "
              + WARN_AGE;
      case TABLE ->
          head()
              + "c.certificate_id::pg_catalog.text, c.chain_start::pg_catalog.text, "
              + micros("c.refreshed_at")
              + ", "
              + millis("c.max_age")
              + ", "
              + millis("c.max_data_age")
              + ", "
              + millis("c.lease")
              + ", c.failed_gate, NULL::pg_catalog.text, NULL::pg_catalog.text, "
              + EXTENDED_BY
              + ", NULL::pg_catalog.text";
      case RUNBOOK ->
          head()
              + "NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text,"
              + " NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text,"
              + " NULL::pg_catalog.text, NULL::pg_catalog.text, c.xmin::pg_catalog.text,"
              + " NULL::pg_catalog.text, NULL::pg_catalog.text";
    };
  }

  private static String head() {
    return "c.entrypoint::pg_catalog.text, c.status::pg_catalog.text, "
        + micros("c.certified_at")
        + ", ";
  }

  /** Microseconds since 1970 as text; NULL for NULL and for infinities. */
  static String micros(String timestamp) {
    return "CASE WHEN pg_catalog.isfinite("
        + timestamp
        + ") THEN (pg_catalog.date_part('epoch', "
        + timestamp
        + ") OPERATOR(pg_catalog.*) 1000000::pg_catalog.float8)::pg_catalog.int8::pg_catalog.text"
        + " END";
  }

  private static String millis(String interval) {
    return "(pg_catalog.date_part('epoch', "
        + interval
        + ") OPERATOR(pg_catalog.*) 1000::pg_catalog.float8)::pg_catalog.int8::pg_catalog.text";
  }
}
