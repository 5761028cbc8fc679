package io.guardedjdbc;

import java.sql.SQLException;
import java.util.Map;
import javax.sql.ConnectionPoolDataSource;
import javax.sql.PooledConnection;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGPooledConnection;

/**
 * For pools that hold {@link PooledConnection}s. Each is pgjdbc's own over one guarded connection,
 * so that what it hands out is guarded and its events name it as their source; a refusal is no
 * fatal error to it. Thread-safe.
 */
public final class GuardedConnectionPoolDataSource extends PropertiesDataSource
    implements ConnectionPoolDataSource {
  private static final long serialVersionUID = 1;
  private static final String AUTOCOMMIT = "defaultAutoCommit";

  private volatile boolean defaultAutoCommit = true;

  /** Needs {@link #setUrl} before the first connection. */
  public GuardedConnectionPoolDataSource() {}

  /** Whether connections begin in autocommit; true unless told otherwise, as with pgjdbc. */
  public boolean isDefaultAutoCommit() {
    return defaultAutoCommit;
  }

  /** Says how connections that are handed out begin. */
  public void setDefaultAutoCommit(boolean defaultAutoCommit) {
    this.defaultAutoCommit = defaultAutoCommit;
  }

  @Override
  void keep(Map<String, String> values) {
    super.keep(values);
    values.put(AUTOCOMMIT, String.valueOf(defaultAutoCommit));
  }

  @Override
  void restore(Map<String, String> values) {
    super.restore(values);
    defaultAutoCommit = Boolean.parseBoolean(values.get(AUTOCOMMIT));
  }

  @Override
  public PooledConnection getPooledConnection() throws SQLException {
    return new PGPooledConnection(open(), defaultAutoCommit);
  }

  @Override
  public PooledConnection getPooledConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    return new PGPooledConnection(open(user, password), defaultAutoCommit);
  }
}
