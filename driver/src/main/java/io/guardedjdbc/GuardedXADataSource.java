package io.guardedjdbc;

import io.guardedjdbc.jdbc.GuardedConnections;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.XAConnection;
import javax.sql.XADataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.xa.PGXAConnection;

/**
 * For transaction managers. Each {@link XAConnection} is pgjdbc's own over one guarded connection:
 * what it hands out is guarded, and the transactions that it ends by XA calls end for the guard
 * too. Thread-safe.
 */
public final class GuardedXADataSource extends PropertiesDataSource implements XADataSource {
  private static final long serialVersionUID = 1;

  /** Needs {@link #setUrl} before the first connection. */
  public GuardedXADataSource() {}

  @Override
  public XAConnection getXAConnection() throws SQLException {
    return distributed(open());
  }

  @Override
  public XAConnection getXAConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    return distributed(open(user, password));
  }

  private static XAConnection distributed(Connection guarded) throws SQLException {
    return new PGXAConnection(GuardedConnections.asPhysical(guarded));
  }
}
