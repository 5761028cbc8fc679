package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.guard.Execution;
import io.guardedjdbc.guard.PreparedFacts;
import io.guardedjdbc.guard.SessionGuard;
import io.guardedjdbc.guard.Warned;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.postgresql.util.PSQLException;

/**
 * A guard that judges by words alone, and keeps the protocol of the real one. What it was asked is
 * kept for the tests.
 */
final class FakeGuard implements SessionGuard {

  /** What happens to a text that names something guarded. */
  enum Answer {
    RELEASE,
    REFUSE_BEFORE,
    REFUSE_AFTER
  }

  /** One text, and whether it is guarded. */
  record Facts(String text, boolean guarded, boolean mayStream) implements PreparedFacts {}

  final List<String> prepared = new ArrayList<>();
  final List<String> decided = new ArrayList<>();
  private final List<String> guardedWords;
  Answer answer = Answer.RELEASE;
  Runnable beforeRelease = () -> {};
  boolean mayStream = true;
  boolean unwrapAllowed;
  int fetches;
  int transactionsEnded;
  int closes;
  Lineage last = Lineage.NONE;
  private int certificate = 40;

  FakeGuard(String... guardedWords) {
    this.guardedWords = List.of(guardedWords);
  }

  @Override
  public Facts prepare(String sql) {
    prepared.add(sql);
    String folded = sql.toLowerCase(Locale.ROOT);
    boolean guarded = guardedWords.stream().anyMatch(folded::contains);
    return new Facts(sql, guarded, mayStream || !guarded);
  }

  @Override
  public <T> T execute(PreparedFacts facts, Execution<T> execution) throws SQLException {
    return executeBatch(List.of(facts), execution);
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    boolean guarded = false;
    for (PreparedFacts facts : batch) {
      decided.add(((Facts) facts).text());
      guarded |= ((Facts) facts).guarded();
    }
    return guarded ? guard(execution) : execution.run();
  }

  @Override
  public <T> T describe(PreparedFacts facts, Execution<T> execution) throws SQLException {
    decided.add("describe " + ((Facts) facts).text());
    if (((Facts) facts).guarded() && answer != Answer.RELEASE) {
      throw refusal();
    }
    return execution.run();
  }

  private <T> T guard(Execution<T> execution) throws SQLException {
    if (answer == Answer.REFUSE_BEFORE) {
      throw refusal();
    }
    execution.guarding(false);
    try {
      T result = execution.run();
      validate(execution);
      return result;
    } catch (PSQLException e) {
      validate(execution);
      throw e;
    }
  }

  private void validate(Execution<?> execution) throws SQLException {
    beforeRelease.run();
    if (answer == Answer.REFUSE_AFTER) {
      execution.discard();
      throw refusal();
    }
    last = new Lineage(List.of("secret=" + ++certificate), false);
    execution.released(last);
  }

  private static SQLException refusal() {
    return Refusals.refusal(GuardState.FAILED, "Read refused: secret is not certified", "Ask why");
  }

  @Override
  public Lineage fetching(PreparedFacts facts, Lineage covered, Warned warned) throws SQLException {
    fetches++;
    if (answer == Answer.REFUSE_AFTER) {
      throw refusal();
    }
    return covered;
  }

  @Override
  public void transactionEnded() {
    transactionsEnded++;
  }

  @Override
  public void requireRoute(String route, String advice) throws SQLException {
    throw Refusals.refusal(GuardState.ROUTE, "Refused: " + route, advice);
  }

  @Override
  public boolean unwrapAllowed() {
    return unwrapAllowed;
  }

  @Override
  public Lineage lastRelease() {
    return last;
  }

  @Override
  public void closed() {
    closes++;
  }
}
