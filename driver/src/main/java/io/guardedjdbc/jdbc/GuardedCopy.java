package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.PreparedFacts;
import io.guardedjdbc.guard.SessionGuard;
import java.sql.SQLException;
import org.postgresql.copy.CopyDual;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.BaseConnection;

/**
 * COPY. All overloads of pgjdbc's class come down to these three methods, its streams too. The
 * server has taken the snapshot of a COPY when it answers that it will send rows, so the release is
 * decided then; rows that a volatile function would go on reading afterwards can't be released so.
 */
final class GuardedCopy extends CopyManager {
  private final BaseConnection connection;
  private final SessionGuard guard;

  GuardedCopy(BaseConnection connection, SessionGuard guard) throws SQLException {
    super(connection);
    this.connection = connection;
    this.guard = guard;
  }

  @Override
  public CopyOut copyOut(String sql) throws SQLException {
    PreparedFacts facts = guard.prepare(sql);
    if (!facts.mayStream()) {
      guard.requireRoute("COPY of what a volatile function reads", "Read it by a SELECT statement");
    }
    return guard.execute(facts, new RouteCall<>(whole -> copyOut(sql, whole), this::cancel));
  }

  private CopyOut copyOut(String sql, boolean whole) throws SQLException {
    CopyOut copy = super.copyOut(sql);
    return whole ? new BufferedCopyOut(copy) : new DrainedCopyOut(connection, copy);
  }

  @Override
  public CopyIn copyIn(String sql) throws SQLException {
    PreparedFacts facts = guard.prepare(sql);
    return guard.execute(facts, new RouteCall<>(whole -> super.copyIn(sql), this::cancel));
  }

  @Override
  public CopyDual copyDual(String sql) throws SQLException {
    guard.requireRoute("COPY in both directions (replication)", "Use a plain connection");
    return super.copyDual(sql);
  }

  private void cancel(CopyOperation copy) throws SQLException {
    try {
      copy.cancelCopy();
    } finally {
      connection.clearWarnings();
    }
  }
}
