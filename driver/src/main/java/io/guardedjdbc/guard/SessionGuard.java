package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import java.sql.SQLException;
import java.util.List;

/**
 * The guard of one physical connection: whatever sends SQL goes through it. Thread-safe as far as
 * pgjdbc's connection is: statements take turns there, and nothing here holds a lock while it waits
 * for the server.
 */
public interface SessionGuard {
  /**
   * What the guard knows of a text as it will be sent, after JDBC escapes; cheap when it was seen
   * before.
   *
   * @throws SQLException RG2xx where the text alone is refusable
   */
  PreparedFacts prepare(String sql) throws SQLException;

  /**
   * Whether {@link #prepare} would give the same again; true only where finding out costs next to
   * nothing. Execution decides anew in any case.
   */
  default boolean current(PreparedFacts facts) {
    return false;
  }

  /**
   * Decides on a text, runs the call that sends it, and gives its result once that is validated.
   *
   * @throws SQLException a refusal, after {@link Execution#discard} where something had run; else
   *     what the call threw, the same instance
   */
  <T> T execute(PreparedFacts facts, Execution<T> execution) throws SQLException;

  /**
   * The same for a call that has the server describe a text without running it: its columns and
   * parameters are judged like its rows. Of the execution, {@link Execution#run}, and {@link
   * Execution#warned} where it is only observed, are called alone.
   *
   * @throws SQLException a refusal; else what the call threw, the same instance
   */
  <T> T describe(PreparedFacts facts, Execution<T> execution) throws SQLException;

  /** The same for a batch: one decision over all its texts before anything is sent. */
  <T> T executeBatch(List<PreparedFacts> facts, Execution<T> execution) throws SQLException;

  /**
   * Further rows of a released result are about to be fetched: in the snapshot that was validated,
   * but by functions that may have been defined anew since.
   *
   * @param covered what covers the rows so far
   * @param warned is told the first time that they would be refused
   * @return what covers the rows from here on
   * @throws SQLException a refusal, where its text touches by now what that does not cover
   */
  default Lineage fetching(PreparedFacts facts, Lineage covered, Warned warned)
      throws SQLException {
    return covered;
  }

  /** The application ended a transaction by an API call, or changed how the next one begins. */
  void transactionEnded();

  /**
   * Refuses a route that can't be guarded; where this returns, it may be taken all the same.
   *
   * @param route what is tried, as a noun
   * @param advice what to do instead, a sentence without full stop
   * @throws SQLException RG203
   */
  void requireRoute(String route, String advice) throws SQLException;

  /** Whether {@code guard.unwrap=allow}. */
  boolean unwrapAllowed();

  /** What covered the last guarded release of this connection. */
  Lineage lastRelease();

  /** The connection is closed: lets go of what it shared with others. */
  void closed();
}
