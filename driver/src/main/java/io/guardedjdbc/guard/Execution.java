package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import java.sql.SQLException;
import java.sql.SQLWarning;

/**
 * One call that sends SQL. Where it touches something guarded the guard calls {@link #guarding}
 * before {@link #run}, and after it exactly one of {@link #released} and {@link #discard}; where it
 * touches nothing guarded, {@code run} alone.
 *
 * @param <T> what it gives back
 */
public interface Execution<T> extends Warned {
  /**
   * From here until {@link #released}, nothing that comes of the call may be seen.
   *
   * @param whole whether all rows have to come at once: no cursor may fetch some later
   */
  default void guarding(boolean whole) throws SQLException {}

  /** Sends it. May be called a second time, after {@link #discard}. */
  T run() throws SQLException;

  /** The result of the last run, or the error that it ended with, may go out. */
  default void released(Lineage lineage) {}

  /** The last run would have been refused; its result goes out with this warning. */
  @Override
  default void warned(SQLWarning warning) {}

  /** The result of the last run may not go out: close it, forget it. Must not throw. */
  void discard();
}
