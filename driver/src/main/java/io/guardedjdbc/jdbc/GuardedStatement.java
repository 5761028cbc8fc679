package io.guardedjdbc.jdbc;

import static io.guardedjdbc.jdbc.SentText.NO_KEYS;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.PreparedFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement that decides before it sends and shows nothing before the release. Not thread-safe,
 * like any statement, but {@code cancel} and {@code close} may come from other threads: no lock is
 * held while SQL runs.
 */
class GuardedStatement extends DelegatingStatement {
  final GuardedConnection connection;
  volatile Outcome outcome = Outcome.NONE;

  /** The release before: under one lease, the next one is the same. */
  private Outcome lastReleased = Outcome.NONE;

  private List<PreparedFacts> batch = List.of();
  private boolean escapes = true;
  private @Nullable PreparedFacts last;
  private @Nullable GuardedResultSet rows;
  private @Nullable GuardedResultSet keys;

  GuardedStatement(GuardedConnection connection, Statement delegate) {
    super(delegate);
    this.connection = connection;
  }

  // ---- deciding ----------------------------------------------------------------------------

  private PreparedFacts facts(String sql, String @Nullable [] columns) throws SQLException {
    return connection.guard.prepare(connection.sent.ofStatement(sql, escapes, columns));
  }

  /** What pgjdbc sends for column indexes is nothing: it refuses them, unless there are none. */
  private PreparedFacts facts(String sql) throws SQLException {
    PreparedFacts known = escapes ? connection.executed.get(sql, connection.guard) : null;
    if (known != null) {
      return known;
    }
    PreparedFacts facts = facts(sql, NO_KEYS);
    if (escapes) {
      connection.executed.put(sql, facts);
    }
    return facts;
  }

  private <T> T decide(PreparedFacts facts, StatementCall.Body<Statement, T> body)
      throws SQLException {
    return decide(facts, delegate, body);
  }

  /** Runs one call under the guard, without a cursor where its rows may not be fetched later. */
  final <D, T> T decide(PreparedFacts facts, D target, StatementCall.Body<D, T> body)
      throws SQLException {
    var call = new StatementCall<>(this, target, body);
    begin();
    last = facts;
    try {
      if (!facts.mayStream()) {
        call.fetchWhole();
      }
      return connection.guard.execute(facts, call);
    } catch (SQLException e) {
      failed(call, e);
      throw e;
    } finally {
      call.restore();
    }
  }

  private <T> T decideBatch(StatementCall.Body<Statement, T> body) throws SQLException {
    var call = new StatementCall<>(this, delegate, body);
    begin();
    last = null;
    List<PreparedFacts> facts = List.copyOf(batch);
    try {
      return connection.guard.executeBatch(facts, call);
    } catch (SQLException e) {
      failed(call, e);
      throw e;
    } finally {
      // pgjdbc empties a batch that failed, too.
      batch = List.of();
      Quietly.run(delegate::clearBatch);
    }
  }

  /** Refused before it was sent: the results of the execution before are gone all the same. */
  private void failed(StatementCall<?, ?> call, SQLException why) {
    outcome = outcome.refused(why);
    if (!call.sent()) {
      discard();
    }
  }

  /** Nothing of the last execution may be seen: closes its rows, its keys and its notices. */
  final void discard() {
    hide();
    Quietly.run(this::closeResults);
    Quietly.run(() -> delegate.getGeneratedKeys().close());
    Quietly.run(delegate::clearWarnings);
  }

  /** A new execution begins. No volatile write where nothing is guarded. */
  private void begin() {
    if (!outcome.equals(Outcome.NONE)) {
      outcome = Outcome.NONE;
    }
  }

  final void hide() {
    outcome = outcome.hide();
  }

  final void released(Lineage lineage) {
    Outcome known = lastReleased;
    if (!outcome.equals(Outcome.HIDDEN) || !known.lineage().equals(lineage)) {
      known = outcome.released(lineage);
      lastReleased = known;
    }
    outcome = known;
  }

  /** Its result would have been refused. */
  final void warned(SQLWarning warning) {
    outcome = outcome.warned(warning);
  }

  private void closeResults() throws SQLException {
    boolean isRows;
    do {
      isRows = delegate.getMoreResults(CLOSE_ALL_RESULTS);
    } while (isRows || delegate.getUpdateCount() != -1);
  }

  // ---- executing ---------------------------------------------------------------------------

  @Override
  public boolean execute(String sql) throws SQLException {
    return decide(facts(sql), statement -> statement.execute(sql));
  }

  @Override
  public boolean execute(String sql, int wanted) throws SQLException {
    return decide(facts(sql, SentText.keys(wanted)), statement -> statement.execute(sql, wanted));
  }

  @Override
  public boolean execute(String sql, int @Nullable [] wanted) throws SQLException {
    return decide(facts(sql), statement -> statement.execute(sql, wanted));
  }

  @Override
  public boolean execute(String sql, String @Nullable [] wanted) throws SQLException {
    return decide(facts(sql, wanted), statement -> statement.execute(sql, wanted));
  }

  @Override
  public @Nullable ResultSet executeQuery(String sql) throws SQLException {
    return rows(decide(facts(sql), statement -> statement.executeQuery(sql)));
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    return decide(facts(sql), statement -> statement.executeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int wanted) throws SQLException {
    return decide(
        facts(sql, SentText.keys(wanted)), statement -> statement.executeUpdate(sql, wanted));
  }

  @Override
  public int executeUpdate(String sql, int @Nullable [] wanted) throws SQLException {
    return decide(facts(sql), statement -> statement.executeUpdate(sql, wanted));
  }

  @Override
  public int executeUpdate(String sql, String @Nullable [] wanted) throws SQLException {
    return decide(facts(sql, wanted), statement -> statement.executeUpdate(sql, wanted));
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    return decide(facts(sql), statement -> statement.executeLargeUpdate(sql));
  }

  @Override
  public long executeLargeUpdate(String sql, int wanted) throws SQLException {
    return decide(
        facts(sql, SentText.keys(wanted)), statement -> statement.executeLargeUpdate(sql, wanted));
  }

  @Override
  public long executeLargeUpdate(String sql, int @Nullable [] wanted) throws SQLException {
    return decide(facts(sql), statement -> statement.executeLargeUpdate(sql, wanted));
  }

  @Override
  public long executeLargeUpdate(String sql, String @Nullable [] wanted) throws SQLException {
    return decide(facts(sql, wanted), statement -> statement.executeLargeUpdate(sql, wanted));
  }

  @Override
  public void setEscapeProcessing(boolean enable) throws SQLException {
    super.setEscapeProcessing(enable);
    escapes = enable;
  }

  // ---- batches -----------------------------------------------------------------------------

  @Override
  public void addBatch(String sql) throws SQLException {
    PreparedFacts facts = facts(sql);
    delegate.addBatch(sql);
    added(facts);
  }

  /** One entry a text in a row: a million rows of one prepared statement are one decision. */
  final void added(PreparedFacts facts) {
    if (batch.isEmpty()) {
      batch = new ArrayList<>();
    }
    if (batch.isEmpty() || batch.get(batch.size() - 1) != facts) {
      batch.add(facts);
    }
  }

  @Override
  public void clearBatch() throws SQLException {
    batch = List.of();
    super.clearBatch();
  }

  @Override
  public int[] executeBatch() throws SQLException {
    return decideBatch(Statement::executeBatch);
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return decideBatch(Statement::executeLargeBatch);
  }

  // ---- results -----------------------------------------------------------------------------

  /** The facade of a result of the last execution: the same one for the same rows. */
  final @Nullable ResultSet rows(@Nullable ResultSet raw) throws SQLException {
    rows = facade(rows, raw);
    return rows;
  }

  private @Nullable GuardedResultSet facade(
      @Nullable GuardedResultSet known, @Nullable ResultSet raw) throws SQLException {
    if (raw == null) {
      return null;
    }
    return known != null && known.delegate == raw
        ? known
        : new GuardedResultSet(connection, this, raw, last, outcome.lineage()).opened();
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    ResultSet raw = delegate.getResultSet();
    return outcome.hidden() ? null : rows(raw);
  }

  @Override
  public @Nullable ResultSet getGeneratedKeys() throws SQLException {
    // A statement that has not run yet gives the empty result set of pgjdbc's.
    Statement source = outcome.hidden() ? connection.delegate.createStatement() : delegate;
    keys = facade(keys, source.getGeneratedKeys());
    return keys;
  }

  @Override
  public int getUpdateCount() throws SQLException {
    int count = super.getUpdateCount();
    return outcome.hidden() ? -1 : count;
  }

  @Override
  public long getLargeUpdateCount() throws SQLException {
    long count = super.getLargeUpdateCount();
    return outcome.hidden() ? -1 : count;
  }

  @Override
  public long getLastOID() throws SQLException {
    long oid = super.getLastOID();
    return outcome.hidden() ? 0 : oid;
  }

  @Override
  public boolean getMoreResults() throws SQLException {
    return !outcome.hidden() && super.getMoreResults();
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
    return !outcome.hidden() && super.getMoreResults(current);
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    SQLWarning given = super.getWarnings();
    return outcome.hidden() ? null : outcome.warnings(given);
  }

  @Override
  public void clearWarnings() throws SQLException {
    super.clearWarnings();
    outcome = outcome.warned(null);
  }

  // ---- identity ----------------------------------------------------------------------------

  @Override
  public @Nullable Connection getConnection() throws SQLException {
    return delegate.getConnection() == null ? null : connection;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return connection.unwrapRule.unwrap(this, delegate, outcome.lineage(), type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return connection.unwrapRule.isWrapperFor(this, delegate, type);
  }
}
