package io.guardedjdbc.refresher.baseline;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Named policies under which drift of the last days only warns, for a while. */
public final class Tolerances {
  private static final String UTC = " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";

  private final Session session;

  /** Works on this session. */
  public Tolerances(Session session) {
    this.session = session;
  }

  /**
   * Puts one in force; one of the same name ends.
   *
   * @return when it expires, ISO 8601
   */
  public String grant(
      String store, String name, int lastDays, Duration span, String reviewer, String reason)
      throws SQLException {
    return session
        .text(
            "SELECT to_char(audit.tolerate(?, ?, ?, ?::interval, ?, ?)" + UTC,
            store,
            name,
            lastDays,
            span.toString(),
            reviewer,
            reason)
        .orElse("");
  }

  /** Ends one before its time; false when none of this name is in force. */
  public boolean end(String store, String name) throws SQLException {
    return session.number("SELECT audit.end_tolerance(?, ?)", store, name) > 0;
  }

  /** One line each, the newest first. */
  public List<String> history(String store) throws SQLException {
    return session.list(
        "SELECT 'tolerance ' || name || ': drift of the last ' || last_days || ' days, '"
            + " || to_char(granted_at"
            + UTC
            + " || ' to ' || to_char(coalesce(ended_at, expires_at)"
            + UTC
            + " || coalesce(' (ended by ' || ended_by || ')', '') || ', ' || reviewer || ': ' || reason"
            + " FROM audit.baseline_tolerance WHERE store = ? ORDER BY tolerance_id DESC",
        row -> row.getString(1),
        store);
  }
}
