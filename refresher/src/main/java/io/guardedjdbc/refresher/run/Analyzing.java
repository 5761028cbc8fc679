package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;

/**
 * Collects statistics of what was refreshed. After the commit: nothing here can take the
 * certificate back, so nothing here fails the run; whoever asks the run to end ends this.
 */
final class Analyzing {
  private final Session session;
  private final Journal journal;
  private final Interruption interruption;

  Analyzing(Session session, Journal journal, Interruption interruption) {
    this.session = session;
    this.journal = journal;
    this.interruption = interruption;
  }

  void run(Plan plan) {
    for (PlanStep step : plan.steps()) {
      if (step.kind() == PlanStep.Kind.REFRESH && !interruption.isRequested()) {
        analyze(step.object());
      }
    }
    if (interruption.isRequested()) {
      journal.note("asked to end: the rest of ANALYZE is left out, what was published stands");
    }
  }

  private void analyze(String view) {
    try {
      journal.step(
          StepKind.ANALYZE,
          view,
          () ->
              interruption.cancelling(
                  session,
                  () -> {
                    session.script("ANALYZE " + view);
                    return StepFacts.NONE;
                  }));
    } catch (Failure e) {
      // asked to end a moment ago
    } catch (SQLException e) {
      journal.note("ANALYZE " + view + " failed: " + SqlFailures.message(e));
    }
  }
}
