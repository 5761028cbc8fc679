package io.guardedjdbc.error;

/**
 * What a refused statement throws, besides being a {@link java.sql.SQLException}: a {@link
 * java.sql.SQLTransientException} where {@link GuardState#retryable()}, else a {@link
 * java.sql.SQLNonTransientException}. Nothing of the statement's result was handed out.
 */
public interface GuardRefusal {
  /** Why. */
  GuardState state();
}
