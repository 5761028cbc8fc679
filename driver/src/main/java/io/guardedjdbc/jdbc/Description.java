package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.Execution;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;

/**
 * One call by which the server describes a statement: what its last execution left stays.
 *
 * @param <T> what the call gives back
 */
record Description<T>(
    GuardedStatement statement,
    PreparedStatement delegate,
    StatementCall.Body<PreparedStatement, T> body)
    implements Execution<T> {

  @Override
  public T run() throws SQLException {
    return body.on(delegate);
  }

  @Override
  public void warned(SQLWarning warning) {
    statement.warned(warning);
  }

  @Override
  public void discard() {
    // columns and parameters are given back by the call alone
  }
}
