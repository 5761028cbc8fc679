package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;

/**
 * Work on one store that neither refreshes nor judges: under the lock of its runs, by a registered
 * backend, with a row in the history, all of it in one transaction.
 */
final class RegisteredWork {
  /** What is done. */
  @FunctionalInterface
  interface Work<T> {
    T run(long runId) throws SQLException;
  }

  private RegisteredWork() {}

  /**
   * Does it.
   *
   * @throws Failure {@link ExitCode#LOCKED} when a run of the store is under way
   */
  static <T> T in(Session session, String store, String verb, String host, Work<T> work)
      throws SQLException {
    session.begin();
    try {
      if (!session.test(
          "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('guardedjdbc'), pg_catalog.hashtext(?))",
          store)) {
        throw new Failure(
            ExitCode.LOCKED, "A run of store " + store + " holds its lock. Nothing was done");
      }
      long runId = session.number("SELECT audit.begin_run(?, 'certify', ?, ?)", store, verb, host);
      T result = work.run(runId);
      session.run("SELECT audit.finish_run(?, 'done', ?)", runId, verb);
      session.commit();
      return result;
    } finally {
      session.rollback();
    }
  }
}
