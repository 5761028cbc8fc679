package io.guardedjdbc.guard;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.analysis.Effect;
import io.guardedjdbc.analysis.SqlFacts;
import io.guardedjdbc.analysis.StatementKind;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * {@code guard.snapshot}: every transaction of the connection reads the state that another one has
 * exported, and what would read under autocommit gets a transaction of its own. The guard below
 * then finds a transaction that keeps its snapshot, and validates by the registry's row in it.
 */
final class SnapshotSession implements SessionGuard {
  /** Rows of a transaction that ends with its statement can't be fetched later. */
  private record Text(PreparedFacts facts, SqlFacts sql, Caller caller) implements PreparedFacts {
    @Override
    public boolean mayStream() throws SQLException {
      return !caller.autocommit() && facts.mayStream();
    }

    @Override
    public String text() {
      return facts.text();
    }
  }

  private final SessionGuard session;
  private final SharedServer server;
  private final Caller caller;
  private final Connection raw;
  private final String snapshot;
  private volatile boolean imported;

  SnapshotSession(
      SessionGuard session, SharedServer server, Caller caller, Connection raw, String snapshot) {
    this.session = session;
    this.server = server;
    this.caller = caller;
    this.raw = raw;
    this.snapshot = snapshot;
  }

  @Override
  public PreparedFacts prepare(String sql) throws SQLException {
    PreparedFacts facts = session.prepare(sql);
    SqlFacts text = server.analyze(sql, caller.standardConformingStrings());
    if (controls(text) && text.parts().size() != 1) {
      throw Routes.unguarded(
          "transaction control beside other statements under guard.snapshot",
          "Send BEGIN, COMMIT and ROLLBACK apart");
    }
    if (raw.getAutoCommit()
        && text.parts().stream().anyMatch(p -> p.kind() == StatementKind.COPY_OUT)) {
      throw Routes.unguarded(
          "COPY under autocommit and guard.snapshot", "Call setAutoCommit(false) before it");
    }
    return new Text(facts, text, caller);
  }

  private static boolean controls(SqlFacts text) {
    return text.has(Effect.BEGINS_TRANSACTION) || text.has(Effect.ENDS_TRANSACTION);
  }

  @Override
  public <T> T execute(PreparedFacts facts, Execution<T> execution) throws SQLException {
    Text text = (Text) facts;
    return inSnapshot(List.of(text.sql()), () -> session.execute(text.facts(), execution));
  }

  @Override
  public <T> T executeBatch(List<PreparedFacts> batch, Execution<T> execution) throws SQLException {
    List<Text> texts = batch.stream().map(Text.class::cast).toList();
    return inSnapshot(
        texts.stream().map(Text::sql).toList(),
        () -> session.executeBatch(texts.stream().map(Text::facts).toList(), execution));
  }

  @Override
  public <T> T describe(PreparedFacts facts, Execution<T> execution) throws SQLException {
    return session.describe(((Text) facts).facts(), execution);
  }

  @Override
  public Lineage fetching(PreparedFacts facts, Lineage covered, Warned warned) throws SQLException {
    return session.fetching(((Text) facts).facts(), covered, warned);
  }

  private interface Step<T> {
    T run() throws SQLException;
  }

  private <T> T inSnapshot(List<SqlFacts> texts, Step<T> step) throws SQLException {
    if (caller.failed() || texts.stream().anyMatch(SnapshotSession::controls)) {
      return controlling(texts, step);
    }
    if (caller.idle()) {
      imported = false;
    }
    if (imported) {
      return step.run();
    }
    if (!caller.autocommitIdle()) {
      importSnapshot();
      return step.run();
    }
    return texts.stream().allMatch(SqlFacts::passes) ? step.run() : inOwnTransaction(step);
  }

  /** AND CHAIN begins a transaction that has not taken its snapshot yet. */
  private <T> T controlling(List<SqlFacts> texts, Step<T> step) throws SQLException {
    try {
      return step.run();
    } finally {
      if (texts.stream().anyMatch(text -> text.mentions("chain"))) {
        imported = false;
      }
      transactionEnded();
    }
  }

  private <T> T inOwnTransaction(Step<T> step) throws SQLException {
    raw.setAutoCommit(false);
    try {
      importSnapshot();
      T result = step.run();
      raw.commit();
      return result;
    } finally {
      if (!caller.idle()) {
        raw.rollback();
      }
      raw.setAutoCommit(true);
      transactionEnded();
    }
  }

  private void importSnapshot() throws SQLException {
    try (Statement statement = raw.createStatement()) {
      statement.execute(
          "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '"
              + snapshot
              + "'");
      imported = true;
    } catch (SQLException e) {
      throw Refusals.refusal(
          GuardState.ROUTE,
          "the snapshot "
              + snapshot
              + " could not be taken over (SQLState "
              + e.getSQLState()
              + "): the transaction that exports it must be open, on the same server and database,"
              + " and this one must not have read yet",
          "Roll back, then export another if it is gone",
          e);
    }
  }

  @Override
  public void transactionEnded() {
    if (caller.idle()) {
      imported = false;
    }
    session.transactionEnded();
  }

  @Override
  public void requireRoute(String route, String advice) throws SQLException {
    session.requireRoute(route, advice);
  }

  @Override
  public boolean unwrapAllowed() {
    return session.unwrapAllowed();
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
