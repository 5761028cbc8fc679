package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.PreparedFacts;
import java.sql.CallableStatement;
import java.sql.SQLException;

/** A call whose out parameters can be read once they are released. */
final class GuardedCallableStatement extends DelegatingCallableStatement {

  /** As the generated superclass needs it: a call is prepared before it is wrapped. */
  GuardedCallableStatement(
      GuardedConnection connection, PreparedFacts facts, CallableStatement delegate) {
    super(connection, facts, delegate);
  }

  @Override
  CallableStatement released() throws SQLException {
    outcome.check();
    return callable;
  }

  @Override
  <T> T out(T value) throws SQLException {
    return connection.out(value);
  }
}
