package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PublishMode;
import java.sql.SQLException;
import java.util.List;

/**
 * What the parts of one run share.
 *
 * @param targets every entrypoint whose closure holds something that the run changes
 */
record RunWork(
    RunSessions sessions,
    Plan plan,
    PublishMode mode,
    List<ActedFor> targets,
    RunOptions options,
    Interruption interruption,
    LeaseWait leases,
    Journal journal,
    GateRound gates,
    Closing closing) {
  Session work() {
    return sessions.work();
  }

  Session history() {
    return sessions.history();
  }

  Attempts attempts() {
    return new Attempts(options.limits().attempts(), interruption);
  }

  Publication publication() {
    return new Publication(work(), () -> sessions.fresh(" commit"), interruption);
  }

  /** Rolls back what the working session has open, if the server has not done so by itself. */
  void rollBack() {
    try {
      work().rollback();
    } catch (SQLException e) {
      journal.note("the connection is lost; the server rolls back by itself");
    }
  }
}
