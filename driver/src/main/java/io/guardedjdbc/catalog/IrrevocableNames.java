package io.guardedjdbc.catalog;

import java.util.Set;

/** Functions that hand their arguments to where no rollback takes them back. */
final class IrrevocableNames {
  static final Set<String> BUILT_IN_FUNCTIONS =
      Set.of(
          "lo_export",
          "pg_advisory_lock",
          "pg_advisory_lock_shared",
          "pg_file_write",
          "pg_logical_emit_message",
          "pg_try_advisory_lock",
          "pg_try_advisory_lock_shared",
          "setval");

  /** What a body is said to call that copies rows to a file or program of the server. */
  static final String COPY_TO_FILE = "COPY to a file or program";

  private IrrevocableNames() {}

  static boolean function(String name) {
    return BUILT_IN_FUNCTIONS.contains(name) || name.startsWith("dblink");
  }

  /** Whether it may be called in attribute notation, like a column of its argument. */
  static boolean ofOneArgument(String name) {
    return function(name) && (name.contains("_advisory_lock") || name.startsWith("dblink"));
  }
}
