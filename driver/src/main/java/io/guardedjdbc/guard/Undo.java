package io.guardedjdbc.guard;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * How what a statement leaves behind is taken back when its release is refused: a transaction of
 * the driver's own under autocommit, a savepoint in the application's transaction. What is closed
 * without having been kept is taken back.
 */
abstract class Undo implements AutoCloseable {
  private boolean settled;

  private Undo() {}

  /** For statements that leave nothing behind. */
  static Undo nothing() {
    return new Nothing();
  }

  /** To be called right before the statement is sent. */
  static Undo begin(Connection raw, CallerSession caller) throws SQLException {
    if (caller.autocommitIdle()) {
      raw.setAutoCommit(false);
      return new OwnTransaction(raw);
    }
    return caller.failed() ? new Nothing() : new OwnSavepoint(raw, raw.setSavepoint());
  }

  /** Its release was granted. */
  final void keep() throws SQLException {
    settled = true;
    kept();
  }

  /** It ended with an error that may go out: the session is to look as it would without us. */
  final void failed() throws SQLException {
    settled = true;
    leave();
  }

  @Override
  public final void close() throws SQLException {
    if (!settled) {
      settled = true;
      takenBack();
    }
  }

  abstract void kept() throws SQLException;

  abstract void leave() throws SQLException;

  abstract void takenBack() throws SQLException;

  private static TransactionState state(Connection raw) throws SQLException {
    return raw.unwrap(BaseConnection.class).getTransactionState();
  }

  private static final class Nothing extends Undo {
    @Override
    void kept() {}

    @Override
    void leave() {}

    @Override
    void takenBack() {}
  }

  private static final class OwnTransaction extends Undo {
    private final Connection raw;

    OwnTransaction(Connection raw) {
      this.raw = raw;
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

  private static final class OwnSavepoint extends Undo {
    private final Connection raw;
    private final Savepoint savepoint;

    OwnSavepoint(Connection raw, Savepoint savepoint) {
      this.raw = raw;
      this.savepoint = savepoint;
    }

    @Override
    void kept() throws SQLException {
      leave();
    }

    @Override
    void leave() throws SQLException {
      if (state(raw) == TransactionState.OPEN) {
        raw.releaseSavepoint(savepoint);
      }
    }

    @Override
    void takenBack() throws SQLException {
      raw.rollback(savepoint);
      raw.releaseSavepoint(savepoint);
    }
  }
}
