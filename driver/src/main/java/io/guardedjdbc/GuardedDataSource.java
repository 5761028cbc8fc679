package io.guardedjdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Opens a guarded connection at each call; pools nothing. Thread-safe. */
public final class GuardedDataSource extends PropertiesDataSource implements DataSource {
  private static final long serialVersionUID = 1;

  /** Needs {@link #setUrl} before the first connection. */
  public GuardedDataSource() {}

  @Override
  public Connection getConnection() throws SQLException {
    return open();
  }

  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    return open(user, password);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException("Cannot unwrap to " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
