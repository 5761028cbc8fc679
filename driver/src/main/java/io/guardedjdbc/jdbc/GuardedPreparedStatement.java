package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.PreparedFacts;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
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

  /** Of rows that may be seen without the server; else it describes the text, under the guard. */
  @Override
  public @Nullable ResultSetMetaData getMetaData() throws SQLException {
    ResultSet open = getResultSet();
    return open != null && !open.isClosed()
        ? prepared.getMetaData()
        : described(PreparedStatement::getMetaData);
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    return described(PreparedStatement::getParameterMetaData);
  }

  private <T> T described(StatementCall.Body<PreparedStatement, T> body) throws SQLException {
    return connection.guard.describe(facts, new Description<>(this, prepared, body));
  }

  @Override
  <T> T in(T value) {
    return GuardedArray.in(value);
  }
}
