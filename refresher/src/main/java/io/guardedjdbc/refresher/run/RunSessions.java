package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.PinnedSettings;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.db.Target;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The two connections of a run: {@code work} holds the lock, is the registered backend, and runs
 * the transaction; {@code history} records, and looks at live definitions, each statement for
 * itself.
 */
record RunSessions(Session work, Session history, int serverVersion, String server)
    implements AutoCloseable {
  static RunSessions open(Target target, String store, Duration lockTimeout) throws SQLException {
    String name = "guarded-jdbc refresher " + store;
    Session work = new Session(target.open(name));
    try {
      int version = ServerCheck.version(work);
      ServerCheck.requirePrimary(work);
      ServerCheck.requireOperator(work);
      Session history = new Session(target.open(name + " history"));
      String server = "PostgreSQL " + work.text("SHOW server_version").orElse("?");
      RunSessions sessions = new RunSessions(work, history, version, server);
      sessions.pin("UTC", lockTimeout);
      return sessions;
    } catch (SQLException | RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** Pins the settings of both. */
  PinnedSettings pin(String timeZone, Duration lockTimeout) throws SQLException {
    PinnedSettings pinned = PinnedSettings.of(timeZone, lockTimeout, serverVersion);
    pinned.applyTo(work);
    pinned.applyTo(history);
    return pinned;
  }

  @Override
  public void close() {
    work.close();
    history.close();
  }
}
