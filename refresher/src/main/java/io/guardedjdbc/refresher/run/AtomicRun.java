package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PlanStep;
import io.guardedjdbc.refresher.plan.Preflight;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A registered run: definition gates, then one transaction that refreshes, runs the data gates, and
 * publishes. Whatever ends it, it is rolled back or committed as a whole, and recorded.
 */
final class AtomicRun {
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

  private final Target target;
  private final RunSessions sessions;
  private final Plan plan;
  private final List<ActedFor> targets;
  private final RunOptions options;
  private final Interruption interruption;
  private final InstantSource clock;

  private final List<Published> certificates = new ArrayList<>();

  AtomicRun(
      Target target,
      RunSessions sessions,
      Plan plan,
      List<ActedFor> targets,
      RunOptions options,
      Interruption interruption,
      InstantSource clock) {
    this.target = target;
    this.sessions = sessions;
    this.plan = plan;
    this.targets = new ArrayList<>(targets);
    this.options = options;
    this.interruption = interruption;
    this.clock = clock;
  }

  RunResult run(RunHeader header, RunListener listener) {
    Journal journal = new Journal(sessions.history(), listener, clock, header.runId());
    Closing closing = new Closing(sessions, journal, options.attempts());
    Instant begin = clock.instant();
    RunResult.Outcome outcome;
    Optional<Failure> failure = Optional.empty();
    try {
      interruption.cancels(sessions.work());
      outcome = cycle(journal, closing);
    } catch (SQLException e) {
      outcome = RunResult.Outcome.ERROR;
      failure =
          Optional.of(SqlFailures.of("Run " + header.runId() + " of store " + header.store(), e));
    } catch (Failure e) {
      outcome = RunResult.Outcome.ERROR;
      failure = Optional.of(e);
    } finally {
      interruption.cancelsNothing();
    }
    if (failure.isPresent()) {
      rollBack(journal);
      if (interruption.isRequested()) {
        outcome = RunResult.Outcome.INTERRUPTED;
        failure = Optional.of(Interruption.failure());
      }
    }
    RunResult result =
        new RunResult(
            header,
            outcome,
            journal.steps(),
            journal.gates(),
            certificates,
            closing.closed(),
            new Standing(sessions.history()).sentence(plan.policy()),
            Duration.between(begin, clock.instant()),
            failure);
    finish(header, result, journal);
    listener.finished(result);
    return result;
  }

  private RunResult.Outcome cycle(Journal journal, Closing closing) throws SQLException {
    GateRound gates = new GateRound(journal, interruption);
    journal.phase("definitions");
    if (!definitionsPass(journal, gates, closing)) {
      journal.phase("data as it stands (nothing is refreshed: definitions come first)");
      gates.run(sessions.work(), plan.policy().store(), GateKind.DATA);
      return RunResult.Outcome.FAILED;
    }
    // After the gates of definitions, which are live whether or not the views can be refreshed.
    if (options.refresh()) {
      Preflight.require(sessions.history(), plan, sessions.serverVersion());
    }
    for (int attempt = 1; ; attempt++) {
      journal.attemptBegins();
      try {
        requireNotOvertaken();
        return transaction(journal, gates, closing);
      } catch (SQLException e) {
        if (!SqlFailures.isRetryable(e) || attempt >= options.attempts()) {
          throw e;
        }
        rollBack(journal);
        interruption.check();
        journal.note(
            "attempt "
                + attempt
                + " of "
                + options.attempts()
                + " rolled back: "
                + SqlFailures.message(e)
                + new LockHolders(sessions.history()).phrase(plan.views()));
        journal.attemptDiscarded();
        interruption.await(BETWEEN_ATTEMPTS);
      }
    }
  }

  /**
   * Runs the definition gates of every entrypoint; closes those that fail, and drops closed ones of
   * other stores.
   */
  private boolean definitionsPass(Journal journal, GateRound gates, Closing closing)
      throws SQLException {
    boolean mainPasses = true;
    for (ActedFor acted : List.copyOf(targets)) {
      if (!acted.main() && !acted.row().certified()) {
        journal.note(
            "store " + acted.store() + " shares views with this run and is closed: left so");
        targets.remove(acted);
        continue;
      }
      List<GateResult> results = gates.run(sessions.work(), acted.store(), GateKind.DEFINITION);
      if (!GateRound.failed(results).isEmpty()) {
        closing.close(acted, results);
        targets.remove(acted);
        mainPasses &= !acted.main();
      }
    }
    return mainPasses;
  }

  /** What another writer did since the run began would only be found out after all the work. */
  private void requireNotOvertaken() throws SQLException {
    for (ActedFor acted : targets) {
      if (!RegistryRow.of(sessions.work(), acted.entrypoint()).equals(acted.row())) {
        throw Publication.overtaken(acted.entrypoint(), null);
      }
    }
  }

  private RunResult.Outcome transaction(Journal journal, GateRound gates, Closing closing)
      throws SQLException {
    Session work = sessions.work();
    Instant before = Publication.serverTime(work);
    work.begin();
    for (ActedFor acted : targets) {
      RunLock.fence(work, acted.store());
    }
    if (options.refresh()) {
      journal.phase("refresh, in one transaction: readers keep what they have until the commit");
      Refreshing refreshing = new Refreshing(work, journal);
      for (PlanStep step : plan.steps()) {
        interruption.check();
        refreshing.run(step);
      }
    }
    journal.phase(options.refresh() ? "data, as it would be published" : "data");
    Map<ActedFor, List<GateResult>> failed = new LinkedHashMap<>();
    for (ActedFor acted : targets) {
      List<GateResult> results = gates.run(work, acted.store(), GateKind.DATA);
      if (!GateRound.failed(results).isEmpty()) {
        failed.put(acted, results);
      }
    }
    if (!failed.isEmpty()) {
      work.rollback();
      for (Map.Entry<ActedFor, List<GateResult>> entry : failed.entrySet()) {
        boolean speaksOfLiveRows = !options.refresh();
        if (speaksOfLiveRows || !entry.getKey().row().certified()) {
          closing.close(entry.getKey(), entry.getValue());
        }
      }
      // The new rows may be wrong because live code changed meanwhile.
      closing.closeChanged(targets, gates);
      return RunResult.Outcome.FAILED;
    }
    journal.phase("publish");
    if (closing.closeChanged(targets, gates)) {
      return RunResult.Outcome.FAILED;
    }
    publish(journal, before);
    return RunResult.Outcome.CERTIFIED;
  }

  private void publish(Journal journal, Instant before) throws SQLException {
    Publication publication = new Publication(sessions.work(), this::freshSession, interruption);
    List<Published> published = new ArrayList<>();
    Instant refreshed = options.refresh() ? before : null;
    try {
      journal.step(
          StepKind.PUBLISH,
          plan.policy().entrypoint(),
          () -> {
            for (ActedFor acted : targets) {
              published.add(publication.publish(journal.runId(), acted, before, refreshed));
            }
            publication.commit();
            certificates.addAll(published);
            return StepFacts.NONE;
          });
    } catch (SQLException e) {
      if (certificates.isEmpty()) {
        throw e;
      }
      journal.note("published, but not recorded: " + SqlFailures.message(e));
    }
    if (options.refresh()) {
      new Analyzing(sessions.history(), journal, interruption).run(plan);
    }
  }

  private void rollBack(Journal journal) {
    try {
      sessions.work().rollback();
    } catch (SQLException e) {
      journal.note("the connection is lost; the server rolls back by itself");
    }
  }

  private void finish(RunHeader header, RunResult result, Journal journal) {
    String message =
        result
            .failure()
            .map(failure -> String.join("; ", failure.lines()))
            .orElseGet(() -> verdict(result));
    try {
      sessions
          .history()
          .run(
              "SELECT audit.finish_run(?, ?, ?)", header.runId(), result.outcome().word(), message);
    } catch (SQLException e) {
      journal.note(
          "the end of run " + header.runId() + " could not be recorded: " + SqlFailures.message(e));
    }
  }

  private static String verdict(RunResult result) {
    List<String> failed = GateRound.failed(result.gates()).stream().distinct().toList();
    return failed.isEmpty()
        ? result.standing()
        : String.join(", ", failed) + " failed; " + result.standing();
  }

  private Session freshSession() {
    return new Session(target.open("guarded-jdbc refresher " + plan.policy().store() + " commit"));
  }
}
