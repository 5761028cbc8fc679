package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Tries again what a lock, a deadlock or a snapshot stopped, a bounded number of times.
 * Thread-safe.
 *
 * @param limit how often to try, at least 1
 */
record Attempts(int limit, Interruption interruption) {
  private static final Duration BETWEEN = Duration.ofMillis(500);

  /** Work that can be done again. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  /** Cleans up after a try that failed; its line begins a note to people. */
  @FunctionalInterface
  interface Failed {
    void attempt(String ordinal, SQLException why) throws SQLException;
  }

  <T> T of(Work<T> work, Failed failed) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.run();
      } catch (SQLException e) {
        if (!SqlFailures.isRetryable(e) || attempt >= limit) {
          throw e;
        }
        failed.attempt("attempt " + attempt + " of " + limit, e);
        interruption.check();
        interruption.await(BETWEEN);
      }
    }
  }
}
