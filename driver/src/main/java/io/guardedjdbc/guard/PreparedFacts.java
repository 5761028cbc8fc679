package io.guardedjdbc.guard;

import java.sql.SQLException;

/**
 * What the guard remembers of one text. Opaque outside the guard, but for how to run it and what it
 * is.
 */
public interface PreparedFacts {
  /**
   * Whether further rows may be fetched by a cursor after the release: false where a volatile
   * function reads something guarded, as it sees new data at every fetch. By what was decided on
   * last; {@link Execution#guarding} has the word of the execution itself.
   */
  boolean mayStream() throws SQLException;

  /** The text as it will be sent. */
  String text();
}
