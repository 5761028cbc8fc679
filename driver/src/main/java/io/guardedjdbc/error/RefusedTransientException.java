package io.guardedjdbc.error;

import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/** A refusal that the next refresh cycle may cure. */
final class RefusedTransientException extends SQLTransientException implements GuardRefusal {
  private static final long serialVersionUID = 1;

  private final GuardState state;

  RefusedTransientException(GuardState state, String message, @Nullable Throwable cause) {
    super(message, state.sqlState(), cause);
    this.state = state;
  }

  @Override
  public GuardState state() {
    return state;
  }
}
