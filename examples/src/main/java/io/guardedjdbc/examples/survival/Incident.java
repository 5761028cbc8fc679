package io.guardedjdbc.examples.survival;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What goes wrong in the story, and how it is put right again, exactly. All or nothing, on a plain
 * connection.
 */
public enum Incident {
  /**
   * Prices of two certified days (90 and 365 days before the last) are rewritten. Shows after the
   * next refresh.
   */
  BACKFILL("backfill"),

  /**
   * Two plain views are redefined: one calls a function that hides now(), one leaks an img__
   * column. Shows at once.
   */
  REDEFINE("redefine");

  private final String file;

  Incident(String file) {
    this.file = file;
  }

  /** Lets it happen. A second time does no further harm that {@link #undo} could not undo. */
  public void happen(Connection connection) throws SQLException {
    Transaction.run(connection, () -> SqlResource.run(connection, "incidents/" + file + ".sql"));
  }

  /**
   * Puts data or definitions back as they were before it first happened; materialized views follow
   * with the next refresh.
   *
   * @throws SQLException SQLState 42P01 if it has not happened
   */
  public void undo(Connection connection) throws SQLException {
    Transaction.run(
        connection, () -> SqlResource.run(connection, "incidents/" + file + "_undo.sql"));
  }
}
