package io.guardedjdbc.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.BaseConnection;

/**
 * A COPY TO that is read to its end when it is cancelled. pgjdbc's own {@code cancelCopy} leaves
 * what is still to come on the wire, where the next statement takes it for its answer, and each
 * later one that of its predecessor: no decision would cover the rows that it gets.
 */
final class DrainedCopyOut implements CopyOut {
  private static final String QUERY_CANCELED = "57014";

  private final BaseConnection connection;
  private final CopyOut delegate;

  DrainedCopyOut(BaseConnection connection, CopyOut delegate) {
    this.connection = connection;
    this.delegate = delegate;
  }

  /**
   * Sends a cancel, and reads until the server has ended. One that has ended is pgjdbc's to refuse:
   * a cancel would hit whatever runs on the connection by now.
   */
  @Override
  public void cancelCopy() throws SQLException {
    if (!delegate.isActive()) {
      delegate.cancelCopy();
      return;
    }
    connection.cancelQuery();
    try {
      while (delegate.isActive()) {
        delegate.readFromCopy();
      }
    } catch (SQLException e) {
      if (delegate.isActive() || !QUERY_CANCELED.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  @Override
  public byte @Nullable [] readFromCopy() throws SQLException {
    return delegate.readFromCopy();
  }

  @Override
  public byte @Nullable [] readFromCopy(boolean block) throws SQLException {
    return delegate.readFromCopy(block);
  }

  @Override
  public int getFieldCount() {
    return delegate.getFieldCount();
  }

  @Override
  public int getFormat() {
    return delegate.getFormat();
  }

  @Override
  public int getFieldFormat(int field) {
    return delegate.getFieldFormat(field);
  }

  @Override
  public boolean isActive() {
    return delegate.isActive();
  }

  @Override
  public long getHandledRowCount() {
    return delegate.getHandledRowCount();
  }
}
