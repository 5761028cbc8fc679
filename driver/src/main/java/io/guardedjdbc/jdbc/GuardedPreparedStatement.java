package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.PreparedFacts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A statement analysed once, when it was prepared, and decided on at every execution. */
class GuardedPreparedStatement extends DelegatingPreparedStatement {
  private final PreparedFacts facts;

  GuardedPreparedStatement(
      GuardedConnection connection, PreparedFacts facts, PreparedStatement delegate) {
    super(connection, delegate);
    this.facts = facts;
  }

  @Override
  public boolean execute() throws SQLException {
    return decide(facts, prepared, PreparedStatement::execute);
  }

  @Override
  public @Nullable ResultSet executeQuery() throws SQLException {
    return rows(decide(facts, prepared, PreparedStatement::executeQuery));
  }

  @Override
  public int executeUpdate() throws SQLException {
    return decide(facts, prepared, PreparedStatement::executeUpdate);
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    return decide(facts, prepared, PreparedStatement::executeLargeUpdate);
  }

  @Override
  public void addBatch() throws SQLException {
    prepared.addBatch();
    added(facts);
  }

  @Override
  <T> T in(T value) {
    return GuardedArray.in(value);
  }
}
