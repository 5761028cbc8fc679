package io.guardedjdbc.jdbc;

import io.guardedjdbc.guard.SessionGuard;
import java.sql.Connection;
import org.postgresql.core.BaseConnection;

/** The door to this package. */
public final class GuardedConnections {
  private GuardedConnections() {}

  /**
   * The guarded facade of a connection that pgjdbc itself has opened. It implements {@link
   * org.postgresql.PGConnection} too, and owns {@code connection} from now on.
   *
   * @throws IllegalArgumentException if another driver or a pool has wrapped it
   */
  public static Connection wrap(Connection connection, SessionGuard guard) {
    if (connection instanceof BaseConnection base) {
      return new GuardedConnection(base, guard, new PgSentText(base));
    }
    throw new IllegalArgumentException("Not a connection of pgjdbc: " + connection.getClass());
  }

  /**
   * A connection that {@link #wrap} gave, as the connection that pgjdbc's {@code XAConnection} is
   * built on. It has pgjdbc's insides: not for the application.
   */
  public static BaseConnection asPhysical(Connection guarded) {
    return new PhysicalConnection((GuardedConnection) guarded).proxy();
  }
}
