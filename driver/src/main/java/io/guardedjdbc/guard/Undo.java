package io.guardedjdbc.guard;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * How what a statement leaves behind is taken back when its release is refused: a transaction of
 * the driver's own under autocommit, a savepoint in the application's transaction. What is closed
 * without having been kept is taken back.
 */
abstract class Undo implements AutoCloseable {
  /** For statements that leave nothing behind. */
  static final Undo NOTHING = new Nothing();

  private boolean settled;

  private Undo() {}

  /** To be called right before the statement is sent. */
  static Undo begin(Connection raw, Caller caller) throws SQLException {
    if (caller.autocommitIdle()) {
      raw.setAutoCommit(false);
      return new OwnTransaction(raw);
    }
    if (caller.failed()) {
      return NOTHING;
    }
    run(raw, "SAVEPOINT " + OwnSavepoint.NAME);
    return new OwnSavepoint(raw);
  }

  /** Its release was granted. */
  void keep() throws SQLException {
    settled = true;
    kept();
  }

  /** It ended with an error that may go out: the session is to look as it would without us. */
  void failed() throws SQLException {
    settled = true;
    leave();
  }

  /** Whether the statement failed only because something is held open around it. */
  boolean causes(SQLException error) {
    return false;
  }

  @Override
  public void close() throws SQLException {
    if (!settled) {
      settled = true;
      takenBack();
    }
  }

  abstract void kept() throws SQLException;

  abstract void leave() throws SQLException;

  abstract void takenBack() throws SQLException;

  private static void run(Connection raw, String sql) throws SQLException {
    try (Statement statement = raw.createStatement()) {
      statement.execute(sql);
    }
  }

  private static TransactionState state(Connection raw) throws SQLException {
    return raw.unwrap(BaseConnection.class).getTransactionState();
  }

  /** Shared by all: it remembers nothing. */
  private static final class Nothing extends Undo {
    @Override
    void keep() {}

    @Override
    void failed() {}

    @Override
    public void close() {}

    @Override
    void kept() {}

    @Override
    void leave() {}

    @Override
    void takenBack() {}
  }

  private static final class OwnTransaction extends Undo {
    /** What the server says to COMMIT and ROLLBACK inside CALL or DO. */
    private static final String INVALID_TRANSACTION_TERMINATION = "2D000";

    private final Connection raw;

    OwnTransaction(Connection raw) {
      this.raw = raw;
    }

    @Override
    boolean causes(SQLException error) {
      return INVALID_TRANSACTION_TERMINATION.equals(error.getSQLState());
    }

    @Override
    void kept() throws SQLException {
      try {
        raw.commit();
      } finally {
        leave();
      }
    }

    /** Back to autocommit; as that would commit what is still open, it is rolled back first. */
    @Override
    void leave() throws SQLException {
      try {
        raw.rollback();
      } finally {
        if (state(raw) == TransactionState.IDLE) {
          raw.setAutoCommit(true);
        } else {
          raw.close();
        }
      }
    }

    @Override
    void takenBack() throws SQLException {
      leave();
    }
  }

  /** By text: a transaction that BEGIN has opened as text has savepoints, too. */
  private static final class OwnSavepoint extends Undo {
    static final String NAME = "guarded_undo";

    private final Connection raw;

    OwnSavepoint(Connection raw) {
      this.raw = raw;
    }

    @Override
    void kept() throws SQLException {
      leave();
    }

    @Override
    void leave() throws SQLException {
      if (state(raw) == TransactionState.OPEN) {
        run(raw, "RELEASE SAVEPOINT " + NAME);
      }
    }

    @Override
    void takenBack() throws SQLException {
      run(raw, "ROLLBACK TO SAVEPOINT " + NAME);
      run(raw, "RELEASE SAVEPOINT " + NAME);
    }
  }
}
