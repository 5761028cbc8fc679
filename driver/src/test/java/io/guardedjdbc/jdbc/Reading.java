package io.guardedjdbc.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Types;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/** What applications do with what they have got from a connection, for {@link Routes}. */
@SuppressWarnings("resource")
final class Reading {
  static final String SELECT = "select label from secret";

  private Reading() {}

  /** Something done with a statement. */
  interface Use<T> {
    Object of(T object) throws SQLException;
  }

  static String results(Connection connection, Use<Statement> use) throws SQLException {
    Statement statement = connection.createStatement();
    use.of(statement);
    if (!statement.getResultSet().isBeforeFirst()) {
      statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
    }
    return first(statement.getResultSet());
  }

  static String keys(Connection connection, Use<Statement> use) throws SQLException {
    Statement statement = connection.createStatement();
    use.of(statement);
    return label(statement.getGeneratedKeys());
  }

  static String call(CallableStatement call) throws SQLException {
    call.registerOutParameter(1, Types.VARCHAR);
    call.execute();
    return call.getString(1);
  }

  static String cursor(Connection connection, Use<ResultSet> use) throws SQLException {
    connection.setAutoCommit(false);
    return first((ResultSet) use.of(rows(connection, "select open_cursor()")));
  }

  static String again(Connection connection) throws SQLException {
    return first(connection.createStatement().executeQuery(SELECT));
  }

  static ResultSet rows(Connection connection, String sql) throws SQLException {
    ResultSet rows = connection.createStatement().executeQuery(sql);
    rows.next();
    return rows;
  }

  static String first(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getString(1);
  }

  static String label(ResultSet rows) throws SQLException {
    return value(rows, "label");
  }

  static String value(ResultSet rows, String column) throws SQLException {
    rows.next();
    return rows.getString(column);
  }

  static CopyManager copies(Connection connection) throws SQLException {
    return ((PGConnection) connection).getCopyAPI();
  }

  static String row(CopyOut copy) throws SQLException {
    StringBuilder rows = new StringBuilder();
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      rows.append(text(row));
    }
    return rows.toString();
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Runs the texts one after the other: all rows, counts, warnings, and errors. */
  static String transcript(Connection connection, String... texts) throws SQLException {
    StringBuilder seen = new StringBuilder();
    for (String text : texts) {
      try (Statement statement = connection.createStatement()) {
        boolean isRows = statement.execute(text);
        while (isRows || statement.getUpdateCount() != -1) {
          seen.append(isRows ? all(statement.getResultSet()) : statement.getUpdateCount() + "\n");
          isRows = statement.getMoreResults();
        }
        for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
          seen.append(w.getMessage()).append('\n');
        }
      }
    }
    return seen.toString();
  }

  static String all(ResultSet rows) throws SQLException {
    StringBuilder seen = new StringBuilder();
    int columns = rows.getMetaData().getColumnCount();
    while (rows.next()) {
      for (int column = 1; column <= columns; column++) {
        seen.append(rows.getString(column)).append(column == columns ? '\n' : '\t');
      }
    }
    return seen.toString();
  }
}
