package io.guardedjdbc.error;

import java.sql.SQLNonTransientException;
import org.jspecify.annotations.Nullable;

/** A refusal that somebody has to act on. */
final class RefusedNonTransientException extends SQLNonTransientException implements GuardRefusal {
  private static final long serialVersionUID = 1;

  private final GuardState state;

  RefusedNonTransientException(GuardState state, String message, @Nullable Throwable cause) {
    super(message, state.sqlState(), cause);
    this.state = state;
  }

  @Override
  public GuardState state() {
    return state;
  }
}
