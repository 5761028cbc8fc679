package io.guardedjdbc.jdbc;

import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;

/** A guarded connection to a real server, and the fake guard that judges it. */
record Session(FakeGuard guard, Connection connection) implements AutoCloseable {

  /** A database with the tables that routes read. */
  static String database() throws SQLException {
    String name = Postgres.shared().createDatabase("facades");
    try (Connection connection = Postgres.shared().connect(name);
        Statement statement = connection.createStatement()) {
      statement.execute(Routes.SETUP);
    }
    return name;
  }

  /** A guard for what reads {@code secret} there. */
  static FakeGuard fake() {
    return new FakeGuard("secret", "peek", "fetch all in \"treasure\"", "\"cursor of a call\"");
  }

  static Session open(String database) throws SQLException {
    return of(Postgres.shared().connect(database));
  }

  /** With these properties of pgjdbc's. */
  static Session open(String database, Properties properties) throws SQLException {
    String url = Postgres.shared().url(database);
    return of(Objects.requireNonNull(new Driver().connect(url, properties)));
  }

  private static Session of(Connection raw) throws SQLException {
    FakeGuard guard = fake();
    return new Session(guard, GuardedConnections.wrap(raw, guard));
  }

  Session answering(FakeGuard.Answer answer) {
    guard.answer = answer;
    return this;
  }

  Statement statement() throws SQLException {
    return connection.createStatement();
  }

  /** The first value that a text gives, by a statement of its own. */
  String value(String sql) throws SQLException {
    try (Statement statement = statement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
