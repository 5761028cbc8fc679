package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.Execution;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * SQL that leaves by another route than a statement: COPY, the fetch of a cursor, the refresh of a
 * row. Nobody but the caller sees its result, so there is nothing to hide meanwhile.
 *
 * @param <T> what the route gives back
 */
final class RouteCall<T extends @Nullable Object> implements Execution<T> {

  /** Sends the SQL. */
  @FunctionalInterface
  interface Route<T extends @Nullable Object> {
    /**
     * Runs it.
     *
     * @param whole whether all rows have to be here when it returns
     */
    T run(boolean whole) throws SQLException;
  }

  /** Closes what the route gave. */
  @FunctionalInterface
  interface Undo<T extends @Nullable Object> {
    void close(T result) throws SQLException;
  }

  private final Route<T> route;
  private final Undo<T> undo;
  private boolean wholly;
  private @Nullable Result<T> last;
  private Lineage lineage = Lineage.NONE;

  RouteCall(Route<T> route, Undo<T> undo) {
    this.route = route;
    this.undo = undo;
  }

  /** What covered the result. */
  Lineage lineage() {
    return lineage;
  }

  @Override
  public void guarding(boolean whole) {
    wholly = whole;
  }

  @Override
  public T run() throws SQLException {
    last = null;
    T value = route.run(wholly);
    last = new Result<>(value);
    return value;
  }

  @Override
  public void released(Lineage covering) {
    lineage = covering;
  }

  @Override
  public void discard() {
    Result<T> result = last;
    last = null;
    if (result != null) {
      Quietly.run(() -> undo.close(result.value()));
    }
  }

  private record Result<T extends @Nullable Object>(T value) {}
}
