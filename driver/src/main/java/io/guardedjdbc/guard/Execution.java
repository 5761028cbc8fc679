package io.guardedjdbc.guard;

import java.sql.SQLException;

/**
 * One call that sends SQL.
 *
 * @param <T> what it gives back
 */
public interface Execution<T> {
  /** Sends it. May be called a second time, after {@link #discard}. */
  T run() throws SQLException;

  /** The result of the last run may not go out: close it, forget it. Must not throw. */
  void discard();
}
