package io.guardedjdbc.guard;

import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryRead;
import io.guardedjdbc.registry.ServerIdentity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The application's own physical connection, as far as the guard asks it something: its
 * transaction, its server, and the registry as its snapshot sees it.
 */
final class CallerSession implements Caller {
  private static final String SAVEPOINT = "guarded_look";

  private final Connection raw;
  private final BaseConnection base;
  private final ReaderClock clock;
  private volatile @Nullable ServerIdentity identity;

  CallerSession(Connection raw, ReaderClock clock) throws SQLException {
    this.raw = raw;
    this.base = raw.unwrap(BaseConnection.class);
    this.clock = clock;
  }

  @Override
  public boolean standardConformingStrings() {
    return base.getStandardConformingStrings();
  }

  @Override
  public boolean runsWhatItDescribes() {
    return base.getPreferQueryMode() == PreferQueryMode.SIMPLE;
  }

  @Override
  public TransactionState state() {
    return base.getTransactionState();
  }

  @Override
  public boolean autocommit() throws SQLException {
    return raw.getAutoCommit();
  }

  @Override
  public @Nullable ServerIdentity knownIdentity() {
    return identity;
  }

  @Override
  public void forgetIdentity() {
    identity = null;
  }

  @Override
  public ServerIdentity identity() throws SQLException {
    ServerIdentity known = identity;
    if (known != null) {
      return known;
    }
    try (Statement statement = raw.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + ServerIdentity.COLUMNS)) {
      row.next();
      known = ServerIdentity.read(row, 1);
      identity = known;
      return known;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  @Override
  public TransactionView readTransaction(Looks looks) throws SQLException {
    RegistryRead read = looks.read();
    String sql =
        "SAVEPOINT "
            + SAVEPOINT
            + "; SELECT pg_catalog.current_setting('transaction_isolation'); "
            + read.sql()
            + "; RELEASE SAVEPOINT "
            + SAVEPOINT;
    try (Statement statement = raw.createStatement()) {
      statement.setFetchSize(0);
      statement.execute(sql);
      String isolation = isolation(next(statement));
      try (ResultSet rows = next(statement)) {
        Look look = read.read(rows, clock.stamp());
        identity = look.server();
        return new TransactionView(isolation, look);
      }
    } catch (SQLException e) {
      undo();
      throw unreadable(e);
    }
  }

  private static String isolation(ResultSet row) throws SQLException {
    try (row) {
      row.next();
      return row.getString(1);
    }
  }

  /** The next result set; update counts of SAVEPOINT and RELEASE are passed over. */
  private static ResultSet next(Statement statement) throws SQLException {
    while (true) {
      ResultSet rows = statement.getResultSet();
      if (rows != null && !rows.isClosed() && statement.getUpdateCount() == -1) {
        statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
        return rows;
      }
      if (!statement.getMoreResults() && statement.getUpdateCount() == -1) {
        throw new SQLException("the registry's query returned nothing", "02000");
      }
    }
  }

  /** An error of ours must not end the application's transaction. */
  private void undo() {
    if (!failed()) {
      return;
    }
    try (Statement statement = raw.createStatement()) {
      statement.execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
      statement.execute("RELEASE SAVEPOINT " + SAVEPOINT);
    } catch (SQLException e) {
      // The transaction stays failed; the application's ROLLBACK ends it.
    }
  }

  private static SQLException unreadable(SQLException e) {
    boolean permission = "42501".equals(e.getSQLState());
    return Refusals.refusal(
        permission ? GuardState.PERMISSION : GuardState.UNREADABLE,
        "the registry could not be read in this transaction (SQLState " + e.getSQLState() + ")",
        permission
            ? "Run: refresher doctor, which lists the GRANTs that this role needs"
            : "Roll back, then try again",
        e);
  }
}
