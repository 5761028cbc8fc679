package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Who holds the lock of a store: a run of this program, or one of the SQL procedures. */
public final class RunUnderWay {
  private static final String HOLDER =
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
          + " AND l.pid <> pg_catalog.pg_backend_pid()"
          + " ORDER BY r.run_id DESC NULLS LAST LIMIT 1";

  private RunUnderWay() {}

  /**
   * The holder, like {@code pid 12, guarded-jdbc refresher shop, user ml, run 7, since … (3 s)};
   * empty when nobody holds it, or this session does.
   */
  public static Optional<String> of(Session session, String store) throws SQLException {
    return session.first(HOLDER, RunUnderWay::holder, store, store);
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
