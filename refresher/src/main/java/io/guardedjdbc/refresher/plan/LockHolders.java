package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.List;

/** Names who holds locks that a refresh has to wait for. */
final class LockHolders {
  private final Session session;

  LockHolders(Session session) {
    this.session = session;
  }

  /**
   * {@code " (pid 12, psql holds …)"}, or nothing when nobody holds one now, or nobody may know.
   */
  String phrase(List<String> relations) {
    Object objects = relations.toArray(new String[0]);
    try {
      List<String> holders =
          session.list(
              "SELECT DISTINCT 'pid ' || l.pid || coalesce(', ' || nullif(a.application_name, ''), '')"
                  + " || ' holds ' || l.mode || ' on ' || o.name"
                  + " FROM unnest(?::text[]) o(name)"
                  + " JOIN pg_catalog.pg_locks l ON l.locktype = 'relation' AND l.granted"
                  + " AND l.relation = pg_catalog.to_regclass(o.name)"
                  + " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
                  + " WHERE l.mode <> 'AccessShareLock'"
                  + " AND l.pid <> pg_catalog.pg_backend_pid() ORDER BY 1 LIMIT 3",
              row -> row.getString(1),
              objects);
      return holders.isEmpty() ? "" : " (" + String.join("; ", holders) + ")";
    } catch (SQLException e) {
      return "";
    }
  }
}
