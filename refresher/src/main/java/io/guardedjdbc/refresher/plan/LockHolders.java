package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.List;

/** Names who holds locks that a refresh has to wait for. */
public final class LockHolders {
  /** Reading is in the way of nothing; writing to a plain table is not in the way of a refresh. */
  private static final String HOLDERS =
      "SELECT DISTINCT 'pid ' || l.pid || coalesce(', ' || nullif(a.application_name, ''), '')"
          + " || ' holds ' || l.mode || ' on ' || o.name"
          + " FROM unnest(?::text[]) o(name)"
          + " JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(o.name)"
          + " JOIN pg_catalog.pg_locks l ON l.locktype = 'relation' AND l.granted"
          + " AND l.relation = c.oid"
          + " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
          + " WHERE (l.mode = 'AccessExclusiveLock' OR l.mode <> 'AccessShareLock'"
          + " AND (c.relkind = 'm' OR c.oid = pg_catalog.to_regclass('audit.t0_cert_registry')))"
          + " AND l.pid <> pg_catalog.pg_backend_pid() ORDER BY 1 LIMIT 3";

  private final Session session;

  /** Asks by this session, which must not hold such locks itself. */
  public LockHolders(Session session) {
    this.session = session;
  }

  /**
   * At most three, like {@code pid 12, psql holds AccessExclusiveLock on ml.a_mv}; empty when
   * nobody holds one now, or nobody may know.
   */
  public List<String> of(List<String> relations) {
    Object objects = relations.toArray(new String[0]);
    try {
      return session.list(HOLDERS, row -> row.getString(1), objects);
    } catch (SQLException e) {
      return List.of();
    }
  }

  /** The same of every relation that an entrypoint reads. */
  public List<String> ofClosure(String entrypoint) {
    try {
      return of(
          session.list(
              "SELECT DISTINCT c.object FROM audit.closure(?) c WHERE c.kind <> 'function'",
              row -> row.getString(1),
              entrypoint));
    } catch (SQLException e) {
      return List.of();
    }
  }

  /** As an aside to a sentence: {@code " (…; …)"}, or nothing for an empty list. */
  public static String aside(List<String> holders) {
    return holders.isEmpty() ? "" : " (" + String.join("; ", holders) + ")";
  }
}
