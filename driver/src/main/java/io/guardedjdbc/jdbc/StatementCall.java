package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.Execution;
import java.sql.SQLException;
import java.sql.SQLWarning;

/**
 * One {@code execute*} on a statement's delegate. All that an execution allocates: bodies without
 * arguments are constants.
 *
 * @param <D> type of the delegate
 * @param <T> what the call gives back
 */
final class StatementCall<D, T> implements Execution<T> {

  /** The call itself. */
  @FunctionalInterface
  interface Body<D, T> {
    T on(D delegate) throws SQLException;
  }

  private final GuardedStatement statement;
  private final D delegate;
  private final Body<D, T> body;
  private boolean sent;
  private int fetchSize;

  StatementCall(GuardedStatement statement, D delegate, Body<D, T> body) {
    this.statement = statement;
    this.delegate = delegate;
    this.body = body;
  }

  /** Whether it went as far as the delegate. */
  boolean sent() {
    return sent;
  }

  @Override
  public void guarding(boolean whole) throws SQLException {
    statement.hide();
    if (whole) {
      fetchWhole();
    }
  }

  /** Without a cursor, until {@link #restore}. */
  void fetchWhole() throws SQLException {
    int wanted = statement.delegate.getFetchSize();
    if (wanted > 0) {
      fetchSize = wanted;
      statement.delegate.setFetchSize(0);
    }
  }

  /** The fetch size as the application has set it. */
  void restore() {
    if (fetchSize > 0) {
      Quietly.run(() -> statement.delegate.setFetchSize(fetchSize));
    }
  }

  @Override
  public T run() throws SQLException {
    sent = true;
    return body.on(delegate);
  }

  @Override
  public void released(Lineage lineage) {
    statement.released(lineage);
  }

  @Override
  public void warned(SQLWarning warning) {
    statement.warned(warning);
  }

  @Override
  public void discard() {
    statement.discard();
  }
}
