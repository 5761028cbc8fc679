package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

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
    Optional<String> holder =
        session.first(
            "SELECT l.pid, a.application_name, a.usename, r.run_id,"
                + " to_char(coalesce(r.started_at, a.backend_start) AT TIME ZONE 'UTC',"
                + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS since,"
                + " extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(r.started_at, a.backend_start)) AS seconds"
                + " FROM pg_catalog.pg_locks l"
                + " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
                + " LEFT JOIN audit.run r ON r.backend_pid = l.pid AND r.outcome = 'running' AND r.store = ?"
                + " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
                + " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
                + " AND l.classid::bigint::bit(32) = pg_catalog.hashtext('guardedjdbc')::bit(32)"
                + " AND l.objid::bigint::bit(32) = pg_catalog.hashtext(?)::bit(32)"
                + " ORDER BY r.run_id DESC NULLS LAST LIMIT 1",
            RunLock::holder,
            store,
            store);
    return "Another run holds the lock of store "
        + store
        + holder.map(who -> ": " + who).orElse(", and has just let it go")
        + ". Nothing was done";
  }

  private static String holder(ResultSet row) throws SQLException {
    StringBuilder who = new StringBuilder("pid ").append(row.getInt("pid"));
    Optional.ofNullable(row.getString("application_name"))
        .filter(name -> !name.isBlank())
        .ifPresent(name -> who.append(", ").append(name));
    Optional.ofNullable(row.getString("usename"))
        .ifPresent(name -> who.append(", user ").append(name));
    long run = row.getLong("run_id");
    if (!row.wasNull()) {
      who.append(", run ").append(run);
    }
    String since = row.getString("since");
    if (since != null) {
      Duration held = Duration.ofMillis(Math.max(0, (long) (row.getDouble("seconds") * 1_000)));
      who.append(", since ")
          .append(since)
          .append(" (")
          .append(DurationText.readable(held))
          .append(")");
    }
    return who.toString();
  }
}
