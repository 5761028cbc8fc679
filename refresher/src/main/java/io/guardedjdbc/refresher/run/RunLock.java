package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.RunUnderWay;
import java.sql.SQLException;

/**
 * One run a store at a time: a session advisory lock, held until the session ends. The SQL
 * procedures take the same lock for their transaction.
 */
final class RunLock {
  private static final String KEY = "pg_catalog.hashtext('guardedjdbc'), pg_catalog.hashtext(?)";

  private RunLock() {}

  /**
   * Takes the lock at once or not at all.
   *
   * @throws Failure {@link ExitCode#LOCKED} naming who holds it
   */
  static void take(Session session, String store) throws SQLException {
    if (!session.test("SELECT pg_catalog.pg_try_advisory_lock(" + KEY + ")", store)) {
      throw new Failure(ExitCode.LOCKED, held(session, store));
    }
  }

  /**
   * Lets all locks of the session go. Closing it does that, too, but the server takes its time, and
   * the next run may begin sooner.
   */
  static void release(Session session) {
    try {
      session.test("SELECT pg_catalog.pg_advisory_unlock_all() IS NOT NULL");
    } catch (SQLException e) {
      // the session is lost, or in a failed transaction: its end releases them
    }
  }

  /** Takes the lock once more for the transaction of the session, which holds it already. */
  static void fence(Session session, String store) throws SQLException {
    session.run("SELECT pg_catalog.pg_advisory_xact_lock(" + KEY + ")", store);
  }

  private static String held(Session session, String store) throws SQLException {
    return "Another run holds the lock of store "
        + store
        + RunUnderWay.of(session, store).map(who -> ": " + who).orElse(", and has just let it go")
        + ". Nothing was done";
  }
}
