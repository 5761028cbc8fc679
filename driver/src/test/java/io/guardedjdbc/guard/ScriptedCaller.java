package io.guardedjdbc.guard;

import io.guardedjdbc.registry.Look;
import io.guardedjdbc.registry.Looks;
import io.guardedjdbc.registry.ServerIdentity;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;

/** An application's session that is in the state the test says. */
final class ScriptedCaller implements Caller {
  TransactionState state = TransactionState.IDLE;
  String isolation = "read committed";
  Look snapshot;
  ServerIdentity own;
  private @Nullable ServerIdentity known;

  ScriptedCaller(ScriptedRegistry registry) {
    own = registry.server;
    snapshot = registry.look();
  }

  @Override
  public TransactionState state() {
    return state;
  }

  @Override
  public boolean autocommit() {
    return true;
  }

  @Override
  public boolean standardConformingStrings() {
    return true;
  }

  @Override
  public @Nullable ServerIdentity knownIdentity() {
    return known;
  }

  @Override
  public void forgetIdentity() {
    known = null;
  }

  @Override
  public ServerIdentity identity() {
    known = own;
    return own;
  }

  @Override
  public TransactionView readTransaction(Looks looks) {
    return new TransactionView(isolation, snapshot);
  }
}
