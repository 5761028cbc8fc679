package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.PinnedSettings;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;

/**
 * The connections of a run: {@code work} holds the lock, is the registered backend, and publishes;
 * {@code history} records, and looks at live definitions, each statement for itself; workers
 * refresh in a staged run.
 */
record RunSessions(
    Connector connector,
    String name,
    Session work,
    Session history,
    PinnedSettings settings,
    int serverVersion,
    String server)
    implements AutoCloseable {
  static RunSessions open(Connector connector, String store, RunOptions options)
      throws SQLException {
    String name = "guarded-jdbc refresher " + store;
    Session work = new Session(connector.open(name));
    try {
      int version = ServerCheck.version(work);
      ServerCheck.requirePrimary(work);
      ServerCheck.requireOperator(work);
      String server = "PostgreSQL " + work.text("SHOW server_version").orElse("?");
      PinnedSettings settings =
          PinnedSettings.of("UTC", options.limits().lock(), options.limits().statement(), version);
      Session history = new Session(connector.open(name + " history"));
      RunSessions sessions =
          new RunSessions(connector, name, work, history, settings, version, server);
      try {
        ServerCheck.requireOwnBackend(work, history);
        return sessions.pinned(settings);
      } catch (SQLException | RuntimeException e) {
        history.close();
        throw e;
      }
    } catch (SQLException | RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** The same with other settings, set for both. */
  RunSessions pinned(PinnedSettings other) throws SQLException {
    other.applyTo(work);
    other.applyTo(history);
    return new RunSessions(connector, name, work, history, other, serverVersion, server);
  }

  /** One more connection of a running run, for a refresh; the caller closes it. */
  Session worker(long runId) throws SQLException {
    Session session = fresh(" worker");
    try {
      settings.applyTo(session);
      // Or a seal takes its refresh for somebody else's.
      session.run("SELECT audit.join_run(?)", runId);
      return session;
    } catch (SQLException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** One more connection as it comes; the caller closes it. */
  Session fresh(String suffix) {
    return new Session(connector.open(name + suffix));
  }

  @Override
  public void close() {
    RunLock.release(work);
    work.close();
    history.close();
  }
}
