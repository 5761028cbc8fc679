package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Names who holds locks that a refresh has to wait for. */
final class LockHolders {
  private final Session session;

  LockHolders(Session session) {
    this.session = session;
  }

  /** One phrase, or empty when nobody holds one now, or nobody may know. */
  Optional<String> of(Plan plan) {
    String[] objects = plan.steps().stream().map(PlanStep::object).toArray(String[]::new);
    try {
      List<String> holders =
          session.list(
              "SELECT DISTINCT 'pid ' || l.pid || coalesce(', ' || nullif(a.application_name, ''), '')"
                  + " || ' holds ' || l.mode || ' on ' || o.name"
                  + " FROM unnest(?::text[]) o(name)"
                  + " JOIN pg_catalog.pg_locks l ON l.locktype = 'relation' AND l.granted"
                  + " AND l.relation = pg_catalog.to_regclass(o.name)"
                  + " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
                  + " WHERE l.mode NOT IN ('AccessShareLock', 'RowShareLock')"
                  + " AND l.pid <> pg_catalog.pg_backend_pid() ORDER BY 1 LIMIT 3",
              row -> row.getString(1),
              (Object) objects);
      return holders.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", holders));
    } catch (SQLException e) {
      return Optional.empty();
    }
  }
}
