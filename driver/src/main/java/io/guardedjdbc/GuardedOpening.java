package io.guardedjdbc;

import io.guardedjdbc.guard.GuardSettings;
import io.guardedjdbc.guard.SessionGuard;
import io.guardedjdbc.guard.SharedServer;
import io.guardedjdbc.jdbc.GuardedConnections;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The one place where a connection of pgjdbc's is opened and gets its guard. */
final class GuardedOpening {
  /** Never by way of DriverManager: its order is the application's. */
  static final org.postgresql.Driver PGJDBC = new org.postgresql.Driver();

  private GuardedOpening() {}

  /**
   * Opens a guarded connection. Sends nothing beyond what pgjdbc sends.
   *
   * @return null where pgjdbc does not take the URL
   * @throws SQLException RG901 for a bad property, naming it, its value and what is allowed; else
   *     what pgjdbc throws
   */
  static @Nullable Connection open(GuardedUrl url) throws SQLException {
    GuardSettings settings = new GuardSettingsReader(url.guard()).read();
    Connection raw = PGJDBC.connect(url.url(), url.properties());
    if (raw == null) {
      return null;
    }
    try {
      SideRoute route = SideRoute.of(raw, url, settings.registryTimeout());
      SessionGuard guard =
          SharedServer.guard(
              new SharedServer.Key(route.key(), settings), raw, route::open, ReaderClock.system());
      return GuardedConnections.wrap(raw, guard);
    } catch (SQLException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }
}
