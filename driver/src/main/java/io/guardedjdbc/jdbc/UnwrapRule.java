package io.guardedjdbc.jdbc;

import io.guardedjdbc.Lineage;
import io.guardedjdbc.guard.SessionGuard;
import java.sql.SQLException;
import java.sql.Wrapper;

/**
 * What {@code unwrap} and {@code isWrapperFor} answer, both alike: what the facade implements is
 * the facade; {@link Lineage} is what covered it; pgjdbc's insides are refused unless the property
 * allows them; all else gets pgjdbc's own answer.
 */
record UnwrapRule(SessionGuard guard) {

  <T> T unwrap(Wrapper facade, Wrapper delegate, Lineage lineage, Class<T> type)
      throws SQLException {
    if (type == Lineage.class) {
      return type.cast(lineage);
    }
    boolean isInside = delegate.isWrapperFor(type); // First of all: it knows what is closed.
    if (type.isInstance(facade)) {
      return type.cast(facade);
    }
    if (isInside && !guard.unwrapAllowed()) {
      guard.requireRoute(
          "unwrap of " + type.getName(),
          "Use java.sql interfaces or org.postgresql.PGConnection, or set guard.unwrap=allow where"
              + " nothing guarded is read");
    }
    return delegate.unwrap(type);
  }

  boolean isWrapperFor(Wrapper facade, Wrapper delegate, Class<?> type) throws SQLException {
    if (type == Lineage.class) {
      return true;
    }
    boolean isInside = delegate.isWrapperFor(type);
    return type.isInstance(facade) || (isInside && guard.unwrapAllowed());
  }
}
