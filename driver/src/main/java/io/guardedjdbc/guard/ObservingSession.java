package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.Refusals;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code guard.mode=observe}: takes all the steps of a session's protocol, but where that refuses,
 * the statement runs as with pgjdbc and a warning says what would have been. The one place that
 * turns a refusal into a warning.
 */
final class ObservingSession implements SessionGuard {
  /** Streaming stays as the application wants it: nothing depends on our verdict. */
  private record Observed(SessionFacts facts) implements PreparedFacts {
    @Override
    public boolean mayStream() {
      return true;
    }

    @Override
    public String text() {
      return facts.text();
    }
  }

  private final ServerSession session;
  private final Observations observations;

  ObservingSession(ServerSession session, Observations observations) {
    this.session = session;
    this.observations = observations;
  }

  @Override
  public PreparedFacts prepare(String sql) {
    return new Observed(session.facts(sql));
  }

  @Override
  public <T> T execute(PreparedFacts facts, Execution<T> execution) throws SQLException {
    return executeBatch(List.of(facts), execution);
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    List<SessionFacts> texts = batch.stream().map(facts -> ((Observed) facts).facts()).toList();
    return observe(texts, texts, execution);
  }

  @Override
  public <T> T describe(PreparedFacts facts, Execution<T> execution) throws SQLException {
    List<SessionFacts> text = List.of(((Observed) facts).facts());
    return observe(text, session.caller().runsWhatItDescribes() ? text : List.of(), execution);
  }

  /**
   * @param runs those of the texts that the server runs, all or none
   */
  private <T> T observe(List<SessionFacts> texts, List<SessionFacts> runs, Execution<T> execution)
      throws SQLException {
    Decision decision = Decision.PASS;
    Before before = null;
    SQLException refusal = null;
    try {
      decision = session.decide(texts);
      if (!decision.guarded()) {
        return session.run(runs, execution);
      }
      before =
          runs.isEmpty()
              ? session.beforeDescription(decision)
              : session.validator().before(decision);
    } catch (SQLException e) {
      refusal = refusal(e);
    }
    T result = session.run(runs, execution);
    execution.released(verdict(decision.entrypoints(), before, refusal, execution));
    return result;
  }

  /** What the release would have been, after the result has arrived. */
  private Lineage verdict(
      Set<String> entrypoints,
      @Nullable Before before,
      @Nullable SQLException refusedBefore,
      Execution<?> execution)
      throws SQLException {
    SQLException refusal = refusedBefore;
    Lineage lineage = Lineage.NONE;
    if (before != null) {
      try {
        lineage = session.validator().release(entrypoints, before, null);
      } catch (SQLException e) {
        refusal = refusal(e);
      }
    }
    if (refusal != null) {
      lineage = observed(refusal, execution);
    }
    session.released(lineage);
    saw(entrypoints, refusal);
    return lineage;
  }

  private static Lineage observed(SQLException refusal, Warned warned) {
    Counted.INSTANCE.observed();
    SQLWarning warning = Refusals.observed(refusal);
    warned.warned(warning);
    return Lineage.refused(String.valueOf(warning.getMessage()));
  }

  /** Not where the read itself would have been refused, or would have come whole. */
  @Override
  public Lineage fetching(PreparedFacts facts, Lineage covered, Warned warned) throws SQLException {
    SessionFacts text = ((Observed) facts).facts();
    if (!covered.refusal().isEmpty() || !text.mayStream()) {
      return covered;
    }
    try {
      session.requireCovered(text, covered);
      return covered;
    } catch (SQLException e) {
      SQLException refusal = refusal(e);
      saw(Set.of(), refusal);
      Lineage lineage = observed(refusal, warned);
      session.released(lineage);
      return lineage;
    }
  }

  private void saw(Set<String> entrypoints, @Nullable SQLException refusal) {
    String message = refusal == null ? "" : String.valueOf(Refusals.observed(refusal).getMessage());
    observations.saw(
        entrypoints.isEmpty() ? message : String.join(", ", entrypoints),
        refusal == null ? "" : refusal.getSQLState(),
        message);
  }

  /** A statement's own error is none of ours. */
  private static SQLException refusal(SQLException e) throws SQLException {
    if (e instanceof GuardRefusal) {
      return e;
    }
    throw e;
  }

  @Override
  public void requireRoute(String route, String advice) {
    saw(Set.of(), Routes.unguarded(route, advice));
  }

  @Override
  public boolean unwrapAllowed() {
    if (!session.unwrapAllowed()) {
      requireRoute("unwrap of pgjdbc's own classes", "Set guard.unwrap=allow");
    }
    return true;
  }

  @Override
  public void transactionEnded() {
    session.transactionEnded();
  }

  @Override
  public Lineage lastRelease() {
    return session.lastRelease();
  }

  @Override
  public void closed() {
    session.closed();
  }
}
