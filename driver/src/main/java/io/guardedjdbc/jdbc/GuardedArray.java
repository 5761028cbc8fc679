package io.guardedjdbc.jdbc;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An array whose result set leads back to the application's connection, not to pgjdbc's. */
final class GuardedArray extends DelegatingArray {
  private final GuardedConnection connection;

  GuardedArray(GuardedConnection connection, Array delegate) {
    super(delegate);
    this.connection = connection;
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    return connection.driverRows(delegate.getResultSet());
  }

  @Override
  public @Nullable ResultSet getResultSet(Map<String, Class<?>> map) throws SQLException {
    return connection.driverRows(delegate.getResultSet(map));
  }

  @Override
  public @Nullable ResultSet getResultSet(long index, int count) throws SQLException {
    return connection.driverRows(delegate.getResultSet(index, count));
  }

  @Override
  public @Nullable ResultSet getResultSet(long index, int count, Map<String, Class<?>> map)
      throws SQLException {
    return connection.driverRows(delegate.getResultSet(index, count, map));
  }

  @Override
  <T> T out(T value) throws SQLException {
    return connection.out(value);
  }

  /** pgjdbc's own array where {@code value} is a facade of one; else {@code value}. */
  @SuppressWarnings("unchecked")
  static <T> T in(T value) {
    return value instanceof GuardedArray array ? (T) array.delegate : value;
  }
}
