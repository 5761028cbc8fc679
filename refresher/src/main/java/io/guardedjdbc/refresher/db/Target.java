package io.guardedjdbc.refresher.db;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * The database that the command line talks to. Connects by plain pgjdbc, never through the guard.
 * Thread-safe; prints no secret.
 */
public final class Target {
  private static final String PREFIX = "jdbc:postgresql:";
  private static final String GUARDED_PREFIX = "jdbc:guarded:postgresql:";

  private final String url;
  private final Properties properties;

  private Target(String url, Properties properties) {
    this.url = url;
    this.properties = properties;
  }

  /**
   * The target of the options and the environment: {@code --url} or {@code GUARDED_URL}; {@code
   * --user} or {@code PGUSER}; the password from the URL, {@code PGPASSWORD}, or the password or
   * service file as pgjdbc finds them.
   *
   * @throws Failure {@link ExitCode#USAGE} when there is no URL or none that pgjdbc understands
   */
  public static Target of(@Nullable String url, @Nullable String user, Map<String, String> env) {
    String text = Optional.ofNullable(url).orElse(env.getOrDefault("GUARDED_URL", "")).strip();
    if (text.isEmpty()) {
      throw new Failure(
          ExitCode.USAGE,
          "No database: give --url jdbc:postgresql://HOST:PORT/DATABASE or set GUARDED_URL");
    }
    if (text.startsWith(GUARDED_PREFIX)) {
      text = PREFIX + text.substring(GUARDED_PREFIX.length());
    }
    Properties parsed = text.startsWith(PREFIX) ? Driver.parseURL(text, null) : null;
    if (parsed == null && text.startsWith(PREFIX) && text.contains("service=")) {
      throw new Failure(
          ExitCode.USAGE,
          "The URL '"
              + withoutQuery(text)
              + "' names a service that is in no service file: see PGSERVICEFILE and ~/.pg_service.conf");
    }
    if (parsed == null) {
      throw new Failure(
          ExitCode.USAGE,
          "Not a PostgreSQL URL: '"
              + withoutQuery(text)
              + "'; expected jdbc:postgresql://HOST:PORT/DATABASE");
    }
    Properties properties = new Properties();
    Optional.ofNullable(user)
        .or(() -> Optional.ofNullable(env.get("PGUSER")))
        .filter(name -> user != null || PGProperty.USER.getOrDefault(parsed) == null)
        .ifPresent(name -> PGProperty.USER.set(properties, name));
    Optional.ofNullable(env.get("PGPASSWORD"))
        .filter(word -> PGProperty.PASSWORD.getOrDefault(parsed) == null)
        .ifPresent(word -> PGProperty.PASSWORD.set(properties, word));
    return new Target(text, properties);
  }

  /**
   * Opens a connection.
   *
   * @param applicationName shown in {@code pg_stat_activity}
   * @throws Failure {@link ExitCode#COULD_NOT_CHECK} when the server can't be had
   */
  public Connection open(String applicationName) {
    Properties connect = new Properties();
    connect.putAll(properties);
    PGProperty.APPLICATION_NAME.set(connect, applicationName);
    PGProperty.TCP_KEEP_ALIVE.set(connect, true);
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(connect, "12");
    try {
      Connection connection = new Driver().connect(url, connect);
      if (connection == null) {
        throw new Failure(ExitCode.USAGE, "pgjdbc does not take this URL: " + this);
      }
      return connection;
    } catch (SQLException e) {
      throw SqlFailures.connecting(toString(), e);
    }
  }

  /** The properties of {@link #open} beside the URL, with the password if there is one. */
  Properties properties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    return copy;
  }

  /** The URL as given, with its secrets, for libraries that connect by themselves. */
  String url() {
    return url;
  }

  /** Host, port and database; no user, no parameter. */
  @Override
  public String toString() {
    return withoutQuery(url).toLowerCase(Locale.ROOT).startsWith(PREFIX + "//")
        ? withoutQuery(url).substring(PREFIX.length() + 2)
        : withoutQuery(url);
  }

  private static String withoutQuery(String url) {
    int query = url.indexOf('?');
    String bare = query < 0 ? url : url.substring(0, query);
    return bare.replaceAll("//[^/@]*@", "//");
  }
}
