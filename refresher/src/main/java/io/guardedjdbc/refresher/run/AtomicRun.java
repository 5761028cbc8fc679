package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.LockHolders;
import io.guardedjdbc.refresher.plan.PlanStep;
import io.guardedjdbc.refresher.plan.Preflight;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.registry.Stamp;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Definition gates, then one transaction that refreshes, runs the data gates, and publishes.
 * Whatever ends it, it is rolled back or committed as a whole.
 */
final class AtomicRun implements RunBody {
  private final RunWork run;
  private final List<Published> certificates = new ArrayList<>();

  AtomicRun(RunWork run) {
    this.run = run;
  }

  @Override
  public List<Published> certificates() {
    return certificates;
  }

  @Override
  public RunResult.Outcome run() throws SQLException {
    Stamp found = run.leases().now();
    List<ActedFor> targets = new DefinitionRound(run).passing();
    if (targets.isEmpty()) {
      return RunResult.Outcome.FAILED;
    }
    // After the gates of definitions, which are live whether or not the views can be refreshed.
    if (run.options().refresh()) {
      Preflight.require(run.history(), run.plan(), run.sessions().serverVersion());
    }
    Revoking revoking = new Revoking(run);
    List<ActedFor> acted = revoking.takeOver(targets);
    ClosedLeases closed = revoking.closedLeases(found, targets);
    return run.attempts()
        .of(
            () -> {
              run.journal().attemptBegins();
              requireNotOvertaken(acted);
              return transaction(acted, closed);
            },
            (attempt, why) -> {
              run.rollBack();
              run.journal()
                  .note(
                      attempt
                          + " rolled back: "
                          + SqlFailures.message(why)
                          + LockHolders.aside(
                              new LockHolders(run.history()).of(run.plan().views())));
              run.journal().attemptDiscarded();
            });
  }

  /** What another writer did since the run began would only be found out after all the work. */
  private void requireNotOvertaken(List<ActedFor> targets) throws SQLException {
    for (ActedFor acted : targets) {
      if (!RegistryRow.of(run.work(), acted.entrypoint()).equals(acted.row())) {
        throw Publication.overtaken(acted.entrypoint(), null);
      }
    }
  }

  private RunResult.Outcome transaction(List<ActedFor> targets, ClosedLeases closed)
      throws SQLException {
    Session work = run.work();
    Instant before = Publication.serverTime(work);
    work.begin();
    TransactionLimit limit = TransactionLimit.begin(run.options().limits().transaction(), work);
    Map<ActedFor, List<GateResult>> failed;
    try (limit) {
      refresh(targets, limit);
      failed = failedGates(targets, limit);
      if (failed.isEmpty()) {
        run.journal().phase("publish");
        if (!closed.longest().isZero()) {
          new Revoking(run).await(closed);
        }
      }
    } catch (SQLException e) {
      limit.check(e);
      throw e;
    }
    limit.check(null);
    if (!failed.isEmpty()) {
      rollBackAndClose(targets, failed);
      return RunResult.Outcome.FAILED;
    }
    if (run.closing().closeChanged(targets, run.gates())) {
      return RunResult.Outcome.FAILED;
    }
    publish(targets, before);
    return RunResult.Outcome.CERTIFIED;
  }

  private void refresh(List<ActedFor> targets, TransactionLimit limit) throws SQLException {
    Session work = run.work();
    Journal journal = run.journal();
    for (ActedFor acted : targets) {
      RunLock.fence(work, acted.store());
    }
    if (run.options().refresh()) {
      journal.phase("refresh, in one transaction: readers keep what they have until the commit");
      for (PlanStep step : run.plan().steps()) {
        run.interruption().check();
        limit.check(null);
        journal.step(
            Refreshing.kind(step),
            step.object(),
            () -> Refreshing.run(work, step, PublishMode.ATOMIC));
      }
    }
  }

  private Map<ActedFor, List<GateResult>> failedGates(
      List<ActedFor> targets, TransactionLimit limit) throws SQLException {
    run.journal().phase(run.options().refresh() ? "data, as it would be published" : "data");
    Map<ActedFor, List<GateResult>> failed = new LinkedHashMap<>();
    for (ActedFor acted : targets) {
      limit.check(null);
      List<GateResult> results = run.gates().run(run.work(), acted.store(), GateKind.DATA);
      if (!GateRound.failed(results).isEmpty()) {
        failed.put(acted, results);
      }
    }
    return failed;
  }

  private void rollBackAndClose(List<ActedFor> targets, Map<ActedFor, List<GateResult>> failed)
      throws SQLException {
    run.work().rollback();
    for (Map.Entry<ActedFor, List<GateResult>> entry : failed.entrySet()) {
      boolean speaksOfLiveRows = !run.options().refresh();
      if (speaksOfLiveRows || !entry.getKey().row().certified()) {
        run.closing().close(entry.getKey(), entry.getValue());
      }
    }
    // The new rows may be wrong because live code changed meanwhile.
    run.closing().closeChanged(targets, run.gates());
  }

  private void publish(List<ActedFor> targets, Instant before) throws SQLException {
    Publication publication = run.publication();
    List<Published> published = new ArrayList<>();
    boolean refresh = run.options().refresh();
    try {
      run.journal()
          .step(
              StepKind.PUBLISH,
              run.plan().policy().entrypoint(),
              () -> {
                for (ActedFor acted : targets) {
                  published.add(publication.publish(run.journal().runId(), acted, before));
                }
                if (refresh) {
                  new Revoking(run).voidTouched();
                }
                publication.commit();
                certificates.addAll(published);
                return StepFacts.NONE;
              });
    } catch (SQLException e) {
      if (certificates.isEmpty()) {
        throw e;
      }
      run.journal().note("published, but not recorded: " + SqlFailures.message(e));
    }
    if (refresh) {
      new Analyzing(run.history(), run.journal(), run.interruption()).run(run.plan());
    }
  }
}
