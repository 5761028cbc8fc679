package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.PlanStep;
import io.guardedjdbc.refresher.plan.PublishMode;
import java.sql.SQLException;
import java.util.Locale;
import java.util.OptionalLong;

/** Does the changing steps of a run, inside an open transaction. */
final class Refreshing {
  private static final String CHANGES =
      "SELECT coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_del), 0)"
          + " FROM pg_catalog.pg_stat_xact_user_tables WHERE relid = pg_catalog.to_regclass(?)";

  private Refreshing() {}

  /** How the journal calls the step. */
  static StepKind kind(PlanStep step) {
    return step.kind() == PlanStep.Kind.REFRESH ? StepKind.REFRESH : StepKind.SQL;
  }

  /** Does one step. */
  static StepFacts run(Session session, PlanStep step, PublishMode mode) throws SQLException {
    if (step.kind() == PlanStep.Kind.SQL) {
      long changed = session.script(step.sql().orElse(""));
      return new StepFacts(OptionalLong.empty(), changed + " rows written");
    }
    boolean concurrently = mode != PublishMode.BLOCKING && step.concurrently();
    return refresh(session, step.object(), concurrently);
  }

  private static StepFacts refresh(Session session, String view, boolean concurrently)
      throws SQLException {
    session.script("REFRESH MATERIALIZED VIEW " + (concurrently ? "CONCURRENTLY " : "") + view);
    String detail =
        concurrently
            ? session
                .first(
                    CHANGES, row -> changes(row.getLong(1), row.getLong(2), row.getLong(3)), view)
                .orElse("")
            : "rewritten";
    long rows = session.number("SELECT count(*) FROM " + view);
    return new StepFacts(OptionalLong.of(rows), detail);
  }

  private static String changes(long inserted, long updated, long deleted) {
    return inserted + updated + deleted == 0
        ? "unchanged"
        : String.format(Locale.ROOT, "+%d -%d", inserted + updated, deleted + updated);
  }
}
