package io.guardedjdbc.refresher.db;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * One connection with short ways to ask. Autocommit until {@link #begin()}. Not thread-safe, but
 * for {@link #cancel()}.
 */
public final class Session implements AutoCloseable {
  /** Makes one value of the current row. */
  @FunctionalInterface
  public interface Row<T> {
    /** Reads the current row. */
    T read(ResultSet row) throws SQLException;
  }

  private final Connection connection;

  /** Takes over the connection and closes it in the end. */
  public Session(Connection connection) {
    this.connection = connection;
  }

  /** All rows. */
  public <T> List<T> list(String sql, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> list = new ArrayList<>();
        while (rows.next()) {
          list.add(row.read(rows));
        }
        return list;
      }
    }
  }

  /** The first row, or empty when there is none or it reads as null. */
  public <T> Optional<T> first(String sql, Row<@Nullable T> row, @Nullable Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.ofNullable(row.read(rows)) : Optional.empty();
      }
    }
  }

  /** The first column of the first row as text; empty when there is none or it is null. */
  public Optional<String> text(String sql, @Nullable Object... arguments) throws SQLException {
    return first(sql, row -> row.getString(1), arguments);
  }

  /** The first column of the first row as a number; 0 when it is null. */
  public long number(String sql, @Nullable Object... arguments) throws SQLException {
    return first(sql, row -> row.getLong(1), arguments).orElse(0L);
  }

  /** Whether the first column of the first row is true. */
  public boolean test(String sql, @Nullable Object... arguments) throws SQLException {
    return first(sql, row -> row.getBoolean(1), arguments).orElse(false);
  }

  /**
   * Runs a statement with arguments, whatever it gives back, and answers the update count (0 for
   * none).
   */
  public long run(String sql, @Nullable Object... arguments) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, arguments);
      statement.execute();
      return Math.max(0, statement.getLargeUpdateCount());
    }
  }

  /**
   * Runs a text of one statement or more without arguments; answers the sum of the update counts.
   */
  public long script(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      long sum = 0;
      boolean rows = statement.execute(sql);
      while (rows || statement.getLargeUpdateCount() >= 0) {
        sum += rows ? 0 : statement.getLargeUpdateCount();
        rows = statement.getMoreResults();
      }
      return sum;
    }
  }

  /** Begins a transaction of one snapshot. */
  public void begin() throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(false);
    connection.setAutoCommit(false);
  }

  /** Commits and goes back to autocommit. */
  public void commit() throws SQLException {
    connection.commit();
    autocommit();
  }

  /** Rolls back and goes back to autocommit; does nothing outside of a transaction. */
  public void rollback() throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.rollback();
      autocommit();
    }
  }

  private void autocommit() throws SQLException {
    connection.setAutoCommit(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
  }

  /** Asks the server to cancel what this session is running; callable from any thread. */
  public void cancel() throws SQLException {
    connection.unwrap(PGConnection.class).cancelQuery();
  }

  /** The process id of the backend. */
  public int backend() throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // nothing left to do with it
    }
  }

  /** The elements of a {@code text[]}; empty for null. */
  public static List<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  private static void bind(PreparedStatement statement, @Nullable Object... arguments)
      throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
  }
}
