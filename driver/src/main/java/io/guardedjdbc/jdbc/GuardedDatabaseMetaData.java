package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Metadata: pgjdbc's own queries of the system catalogs pass; what they give is wrapped. */
final class GuardedDatabaseMetaData extends DelegatingDatabaseMetaData {
  private final GuardedConnection connection;

  GuardedDatabaseMetaData(GuardedConnection connection, DatabaseMetaData delegate) {
    super(delegate);
    this.connection = connection;
  }

  @Override
  public @Nullable Connection getConnection() throws SQLException {
    return delegate.getConnection() == null ? null : connection;
  }

  @Override
  @Nullable ResultSet guard(@Nullable ResultSet rows) {
    return connection.driverRows(rows);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return connection.unwrapRule.unwrap(this, delegate, Lineage.NONE, type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return connection.unwrapRule.isWrapperFor(this, delegate, type);
  }
}
