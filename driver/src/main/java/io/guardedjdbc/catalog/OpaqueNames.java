package io.guardedjdbc.catalog;

import java.util.Set;
import java.util.stream.Collectors;

/** Names whose definitions do not show what they read. */
final class OpaqueNames {
  /**
   * Built-in functions that run text, or read files, statistics or the log; and those that check a
   * value of a type which they are given by OID.
   */
  static final Set<String> BUILT_IN_FUNCTIONS =
      Set.of(
          "array_in",
          "array_recv",
          "cursor_to_xml",
          "cursor_to_xmlschema",
          "database_to_xml",
          "database_to_xml_and_xmlschema",
          "database_to_xmlschema",
          "domain_in",
          "domain_recv",
          "lo_export",
          "lo_import",
          "multirange_in",
          "multirange_recv",
          "pg_logical_slot_get_binary_changes",
          "pg_logical_slot_get_changes",
          "pg_logical_slot_peek_binary_changes",
          "pg_logical_slot_peek_changes",
          "pg_read_binary_file",
          "pg_read_file",
          "pg_read_file_old",
          "query_to_xml",
          "query_to_xml_and_xmlschema",
          "query_to_xmlschema",
          "range_in",
          "range_recv",
          "record_in",
          "record_recv",
          "schema_to_xml",
          "schema_to_xml_and_xmlschema",
          "schema_to_xmlschema",
          "set_config",
          "table_to_xml",
          "table_to_xml_and_xmlschema",
          "table_to_xmlschema",
          "ts_rewrite",
          "ts_stat");

  /** Built-in functions that call the input function of a type which they are given by name. */
  static final Set<String> CALL_INPUT_FUNCTIONS =
      Set.of("pg_input_error_info", "pg_input_is_valid");

  /** Statistics hold values of the columns they describe. */
  static final Set<String> STATISTICS =
      Set.of(
          "pg_statistic",
          "pg_statistic_ext_data",
          "pg_stats",
          "pg_stats_ext",
          "pg_stats_ext_exprs");

  /** Functions of known extensions that run text, read tables by name, or raw pages and the log. */
  static final Set<String> EXTENSION_FUNCTIONS =
      Set.of(
          "connectby",
          "crosstab",
          "crosstab2",
          "crosstab3",
          "crosstab4",
          "crosstab_hash",
          "get_raw_page",
          "st_estimatedextent",
          "st_findextent",
          "standardize_address",
          "xpath_table");

  /**
   * Extensions whose C functions compute from their arguments alone (or, like {@code
   * pg_stat_statements}, give no rows of relations). All others' count as opaque.
   */
  static final Set<String> KNOWN_EXTENSIONS =
      Set.of(
          "address_standardizer",
          "amcheck",
          "auto_explain",
          "bloom",
          "btree_gin",
          "btree_gist",
          "citext",
          "cube",
          "dict_int",
          "dict_xsyn",
          "earthdistance",
          "fuzzystrmatch",
          "h3",
          "hll",
          "hstore",
          "intarray",
          "isn",
          "ltree",
          "pg_buffercache",
          "pg_freespacemap",
          "pg_prewarm",
          "pg_stat_statements",
          "pg_trgm",
          "pg_visibility",
          "pgcrypto",
          "pgrowlocks",
          "pgstattuple",
          "plpgsql",
          "postgis",
          "postgis_raster",
          "postgis_topology",
          "seg",
          "sslinfo",
          "tablefunc",
          "tcn",
          "tsm_system_rows",
          "tsm_system_time",
          "unaccent",
          "uuid-ossp",
          "vector",
          "xml2");

  /** Extensions none of whose functions counts as opaque. */
  static final Set<String> HARMLESS_EXTENSIONS =
      KNOWN_EXTENSIONS.stream()
          .filter(
              name ->
                  !Set.of("address_standardizer", "pgrowlocks", "postgis", "tablefunc", "xml2")
                      .contains(name))
          .collect(Collectors.toUnmodifiableSet());

  /** Settings that decide what a name or a literal means, or what a user may see. */
  static final Set<String> SETTINGS =
      Set.of(
          "backslash_quote",
          "default_transaction_isolation",
          "role",
          "row_security",
          "search_path",
          "session_authorization",
          "session_replication_role",
          "standard_conforming_strings",
          "transaction_isolation");

  private OpaqueNames() {}

  /** Whether a setting of this name, spelled in any case, is one that the driver relies on. */
  static boolean reliedOn(String setting) {
    return SETTINGS.stream().anyMatch(name -> name.equalsIgnoreCase(setting));
  }
}
