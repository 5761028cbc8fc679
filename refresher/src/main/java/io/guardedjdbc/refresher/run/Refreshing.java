package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;
import java.util.Locale;
import java.util.OptionalLong;

/** Does the changing steps of a run, inside its transaction. */
final class Refreshing {
  private static final String CHANGES =
      "SELECT coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_del), 0)"
          + " FROM pg_catalog.pg_stat_xact_user_tables WHERE relid = pg_catalog.to_regclass(?)";

  private final Session work;
  private final Journal journal;

  Refreshing(Session work, Journal journal) {
    this.work = work;
    this.journal = journal;
  }

  void run(PlanStep step) throws SQLException {
    if (step.kind() == PlanStep.Kind.REFRESH) {
      journal.step(StepKind.REFRESH, step.object(), () -> refresh(step.object()));
    } else {
      journal.step(StepKind.SQL, step.object(), () -> sql(step));
    }
  }

  private StepFacts refresh(String view) throws SQLException {
    work.script("REFRESH MATERIALIZED VIEW CONCURRENTLY " + view);
    String detail =
        work.first(CHANGES, row -> changes(row.getLong(1), row.getLong(2), row.getLong(3)), view)
            .orElse("");
    long rows = work.number("SELECT count(*) FROM " + view);
    return new StepFacts(OptionalLong.of(rows), detail);
  }

  private StepFacts sql(PlanStep step) throws SQLException {
    long changed = work.script(step.sql().orElse(""));
    return new StepFacts(OptionalLong.empty(), changed + " rows written");
  }

  private static String changes(long inserted, long updated, long deleted) {
    return inserted + updated + deleted == 0
        ? "unchanged"
        : String.format(Locale.ROOT, "+%d -%d", inserted + updated, deleted + updated);
  }
}
