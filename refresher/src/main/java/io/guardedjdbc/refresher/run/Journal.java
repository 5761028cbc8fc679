package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.text.Json;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Tells every step of a run three times: to the listener, to the history (by a session of its own,
 * so that it survives a roll-back of the run), and to the result. Not thread-safe.
 */
final class Journal {
  /** The work of a step. */
  @FunctionalInterface
  interface Step {
    StepFacts run() throws SQLException;
  }

  private final Session history;
  private final RunListener listener;
  private final InstantSource clock;
  private final long runId;
  private final List<StepResult> steps = new ArrayList<>();
  private final List<GateResult> gates = new ArrayList<>();
  private int stepsOfEarlierParts;
  private int gatesOfEarlierParts;

  Journal(Session history, RunListener listener, InstantSource clock, long runId) {
    this.history = history;
    this.listener = listener;
    this.clock = clock;
    this.runId = runId;
  }

  List<StepResult> steps() {
    return steps;
  }

  List<GateResult> gates() {
    return gates;
  }

  long runId() {
    return runId;
  }

  void phase(String title) {
    listener.phase(title);
  }

  void note(String line) {
    listener.note(line);
  }

  /** What follows belongs to a try that may be repeated. */
  void attemptBegins() {
    stepsOfEarlierParts = steps.size();
    gatesOfEarlierParts = gates.size();
  }

  /** Drops the steps of the try from the result; the history keeps them. */
  void attemptDiscarded() {
    steps.subList(stepsOfEarlierParts, steps.size()).clear();
    gates.subList(gatesOfEarlierParts, gates.size()).clear();
  }

  /** A step that has begun and not ended. */
  record Open(StepKind kind, String object, long number, Instant begin) {}

  /** Does one step. */
  void step(StepKind kind, String object, Step work) throws SQLException {
    Open open = begin(kind, object);
    StepFacts facts;
    try {
      facts = work.run();
    } catch (SQLException | RuntimeException e) {
      try {
        end(open, e);
      } catch (SQLException recording) {
        e.addSuppressed(recording);
      }
      throw e;
    }
    end(open, facts);
  }

  /** Begins a step that somebody else does. */
  Open begin(StepKind kind, String object) throws SQLException {
    long number = start(kind, object);
    listener.stepStarted(kind, object);
    return new Open(kind, object, number, clock.instant());
  }

  /** Ends a step that went well. */
  void end(Open open, StepFacts facts) throws SQLException {
    end(open, "ok", facts.rows(), facts.detail());
  }

  /** Ends a step that did not. */
  void end(Open open, Exception why) throws SQLException {
    String detail =
        why instanceof SQLException e
            ? SqlFailures.message(e)
            : String.valueOf(why.getMessage()).lines().findFirst().orElse("");
    end(open, "error", OptionalLong.empty(), detail);
  }

  private void end(Open open, String outcome, OptionalLong rows, String detail)
      throws SQLException {
    Duration took = since(open.begin());
    finish(open.number(), new StepResult(open.kind(), open.object(), outcome, took, rows, detail));
  }

  /** Runs one gate. */
  GateResult gate(Session session, String store, ConfiguredGate gate) throws SQLException {
    String id = gate.gate().id();
    long number = start(StepKind.GATE, id);
    listener.gateStarted(store, gate);
    Instant begin = clock.instant();
    List<Finding> findings = gate.check(session, store);
    Duration took = since(begin);
    GateResult result = new GateResult(store, gate, took, checked(session, store, id), findings);
    for (Finding finding : findings) {
      record(store, finding);
    }
    history.run(
        "SELECT audit.finish_step(?, ?, ?, NULL, ?)",
        runId,
        (int) number,
        result.outcome(),
        findings.isEmpty()
            ? result.checked().orElse(null)
            : findings.size() + (findings.size() == 1 ? " finding" : " findings"));
    gates.add(result);
    listener.gateFinished(result);
    return result;
  }

  private static Optional<String> checked(Session session, String store, String gate)
      throws SQLException {
    return switch (gate) {
      case "definition-drift" ->
          Optional.of(session.number("SELECT audit.definition_objects(?)", store) + " definitions");
      case "dataset-hash" ->
          Optional.of(session.number("SELECT audit.dataset_days(?)", store) + " days");
      default -> Optional.empty();
    };
  }

  private void record(String store, Finding finding) throws SQLException {
    @Nullable Object examples = finding.examples();
    history.run(
        "SELECT audit.record_finding(?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)",
        runId,
        store,
        finding.gate(),
        finding.severity(),
        finding.object().orElse(null),
        finding.path().toArray(new String[0]),
        finding.expected().orElse(null),
        finding.found().orElse(null),
        examples == null ? null : Json.compact(examples),
        finding.message(),
        finding.nextCommand().orElse(null));
  }

  private long start(StepKind kind, String object) throws SQLException {
    return history.number("SELECT audit.start_step(?, ?, ?)", runId, kind.word(), object);
  }

  private void finish(long number, StepResult result) throws SQLException {
    steps.add(result);
    listener.stepFinished(result);
    history.run(
        "SELECT audit.finish_step(?, ?, ?, ?, ?)",
        runId,
        (int) number,
        result.outcome(),
        result.rows().isPresent() ? (Long) result.rows().getAsLong() : null,
        result.detail());
  }

  private Duration since(Instant begin) {
    return Duration.between(begin, clock.instant());
  }
}
