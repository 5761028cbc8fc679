package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ServerIdentity;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/** The application's own session, as far as the guard asks it something. */
interface Caller {
  /** Of the server's transaction, as its last answer said; sends nothing. */
  TransactionState state();

  /** Whether the next statement outside a transaction is one of its own. */
  boolean autocommit() throws SQLException;

  /** As the server reports it. */
  boolean standardConformingStrings();

  /** Whether pgjdbc runs a text that it is asked to describe: preferQueryMode is simple. */
  default boolean runsWhatItDescribes() {
    return false;
  }

  /** Which server answers here, if it was asked; null: not yet. */
  @Nullable ServerIdentity knownIdentity();

  /** It may have been promoted meanwhile. */
  void forgetIdentity();

  /** Which server answers here; asked once. */
  ServerIdentity identity() throws SQLException;

  /** Isolation level and registry as the open, or about to be opened, transaction sees them. */
  TransactionView readTransaction(Looks looks) throws SQLException;

  /** Whether no transaction is open on the server, whatever autocommit says. */
  default boolean idle() {
    return state() == TransactionState.IDLE;
  }

  /** Whether the open transaction has failed: nothing but its end is possible. */
  default boolean failed() {
    return state() == TransactionState.FAILED;
  }

  /** Whether the next statement is a transaction of its own. */
  default boolean autocommitIdle() throws SQLException {
    return idle() && autocommit();
  }
}
