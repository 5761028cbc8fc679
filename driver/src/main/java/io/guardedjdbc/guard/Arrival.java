package io.guardedjdbc.guard;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What came back for a statement, held until its release: a result, or an error. */
sealed interface Arrival<T> {
  /** It ran. */
  record Result<T>(T value) implements Arrival<T> {}

  /** The server refused it; the error may carry values of rows. */
  record Failure<T>(SQLException error) implements Arrival<T> {}

  /** The error, or null where it ran. */
  default @Nullable SQLException held() {
    return this instanceof Failure<T> failure ? failure.error() : null;
  }
}
