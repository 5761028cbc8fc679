package io.guardedjdbc;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.QueryExecutor;
import org.postgresql.util.HostSpec;

/**
 * How a second connection reaches the server that a first one is on: same host and port of the
 * several a URL may name, same role, none of the caller's session settings. Keeps the password in
 * memory; {@link #toString} does not show it.
 */
final class SideRoute {
  /** What would bind the side channel to the caller's session, or send it elsewhere. */
  private static final List<PGProperty> NOT_TAKEN_OVER =
      List.of(
          PGProperty.OPTIONS,
          PGProperty.CURRENT_SCHEMA,
          PGProperty.READ_ONLY,
          PGProperty.READ_ONLY_MODE,
          PGProperty.REPLICATION,
          PGProperty.PREFER_QUERY_MODE,
          PGProperty.AUTOSAVE,
          PGProperty.DEFAULT_ROW_FETCH_SIZE,
          PGProperty.STRING_TYPE,
          PGProperty.BINARY_TRANSFER,
          PGProperty.TARGET_SERVER_TYPE,
          PGProperty.LOAD_BALANCE_HOSTS,
          PGProperty.SERVICE,
          PGProperty.APPLICATION_NAME,
          PGProperty.SOCKET_TIMEOUT,
          PGProperty.CONNECT_TIMEOUT,
          PGProperty.LOGIN_TIMEOUT);

  private static final String APPLICATION = "guarded-jdbc registry";

  private final GuardedUrl guarded;
  private final HostSpec host;
  private final String database;
  private final String user;
  private final Duration timeout;

  private SideRoute(
      GuardedUrl guarded, HostSpec host, String database, String user, Duration timeout) {
    this.guarded = guarded;
    this.host = host;
    this.database = database;
    this.user = user;
    this.timeout = timeout;
  }

  static SideRoute of(Connection raw, GuardedUrl guarded, Duration timeout) throws SQLException {
    QueryExecutor executor = raw.unwrap(BaseConnection.class).getQueryExecutor();
    return new SideRoute(
        guarded, executor.getHostSpec(), executor.getDatabase(), executor.getUser(), timeout);
  }

  private String url() {
    String name = host.getHost().contains(":") ? "[" + host.getHost() + "]" : host.getHost();
    return "jdbc:postgresql://"
        + name
        + ":"
        + host.getPort()
        + "/"
        + URLEncoder.encode(database, StandardCharsets.UTF_8);
  }

  /** Put together when they are needed: few of the connections open the side channel. */
  private Properties properties() throws SQLException {
    Properties all =
        Objects.requireNonNullElseGet(
            Driver.parseURL(guarded.url(), guarded.properties()), Properties::new);
    Properties taken = new Properties();
    for (String name : all.stringPropertyNames()) {
      taken.setProperty(name, all.getProperty(name));
    }
    for (PGProperty property : NOT_TAKEN_OVER) {
      taken.remove(property.getName());
    }
    String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
    PGProperty.USER.set(taken, user);
    PGProperty.PG_HOST.set(taken, host.getHost());
    PGProperty.PG_PORT.set(taken, host.getPort());
    PGProperty.PG_DBNAME.set(taken, database);
    PGProperty.APPLICATION_NAME.set(taken, APPLICATION);
    PGProperty.CONNECT_TIMEOUT.set(taken, seconds);
    PGProperty.LOGIN_TIMEOUT.set(taken, seconds);
    PGProperty.SOCKET_TIMEOUT.set(taken, seconds);
    return taken;
  }

  /** Equal for connections that may share one side channel. */
  String key() {
    return user + "@" + url();
  }

  Connection open() throws SQLException {
    @Nullable Connection connection = GuardedOpening.PGJDBC.connect(url(), properties());
    if (connection == null) {
      throw new SQLException("pgjdbc does not take this URL", "08001");
    }
    return connection;
  }

  @Override
  public String toString() {
    return key();
  }
}
