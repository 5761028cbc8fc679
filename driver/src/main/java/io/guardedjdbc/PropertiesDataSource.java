package io.guardedjdbc;

import io.guardedjdbc.error.Refusals;
import java.io.PrintWriter;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Logger;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import javax.sql.CommonDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * What the guarding data sources have in common: URL, user, and the properties of pgjdbc and the
 * guard by name. Connections are opened with what is set by then. Thread-safe.
 */
abstract class PropertiesDataSource implements CommonDataSource, Referenceable, Serializable {
  private static final long serialVersionUID = 1;
  private static final String URL = "url";
  private static final String USER = "user";
  private static final String PASSWORD = "password";

  /** Ahead of the names of {@link #setProperties}, which has a user and a password too. */
  private static final String NAMED = "property.";

  private final Properties properties = new Properties();
  private volatile @Nullable String url;
  private volatile @Nullable String user;
  private volatile @Nullable String password;

  /** Takes {@code jdbc:guarded:postgresql:…} or {@code jdbc:postgresql:…}: both are guarded. */
  public void setUrl(String url) {
    this.url = url;
  }

  /** The URL as it was set; null: not yet. */
  public @Nullable String getUrl() {
    return url;
  }

  /** As {@link #setUrl}: pgjdbc's data sources have both. */
  public void setURL(String url) {
    setUrl(url);
  }

  /** As {@link #getUrl}. */
  public @Nullable String getURL() {
    return getUrl();
  }

  /** Counts before the URL's; null: the URL's. */
  public void setUser(@Nullable String user) {
    this.user = user;
  }

  /** What {@link #setUser} said. */
  public @Nullable String getUser() {
    return user;
  }

  /** Counts before the URL's; null: the URL's. */
  public void setPassword(@Nullable String password) {
    this.password = password;
  }

  /** Sets a property of the guard; as with drivers, the URL's value counts where both give one. */
  public void setProperty(GuardProperty property, String value) {
    properties.setProperty(property.key(), value);
  }

  /**
   * Sets properties of the guard and of pgjdbc by name, defaults included, on top of the others.
   */
  public void setProperties(Properties more) {
    for (String name : more.stringPropertyNames()) {
      properties.setProperty(name, more.getProperty(name));
    }
  }

  /** Opens a guarded connection as {@link #setUser} and {@link #setPassword}, or the URL, say. */
  final Connection open() throws SQLException {
    return open(user, password);
  }

  /**
   * @throws SQLException RG901 for a URL or a property that is none of ours; else what pgjdbc
   *     throws
   */
  final Connection open(@Nullable String asUser, @Nullable String withPassword)
      throws SQLException {
    String text = url == null ? "" : url;
    String prefix =
        text.startsWith(GuardedUrl.PLAIN_PREFIX) ? GuardedUrl.PLAIN_PREFIX : GuardedUrl.PREFIX;
    if (text.startsWith(prefix)) {
      GuardedUrl parsed = GuardedUrl.parse(prefix, text, properties);
      Connection connection = GuardedOpening.open(parsed.as(asUser, withPassword));
      if (connection != null) {
        return connection;
      }
    }
    throw Refusals.badProperty(
        "the data source's URL is missing or no URL of PostgreSQL's; it begins with "
            + GuardedUrl.PREFIX);
  }

  /** All that was set, the password too, for a naming service to keep; made again from it there. */
  @Override
  public Reference getReference() {
    Reference reference =
        new Reference(getClass().getName(), GuardedDataSourceFactory.class.getName(), null);
    Map<String, String> values = new TreeMap<>();
    keep(values);
    values.forEach((name, value) -> reference.add(new StringRefAddr(name, value)));
    return reference;
  }

  void keep(Map<String, String> values) {
    keep(values, URL, url);
    keep(values, USER, user);
    keep(values, PASSWORD, password);
    properties
        .stringPropertyNames()
        .forEach(name -> keep(values, NAMED + name, properties.getProperty(name)));
  }

  private static void keep(Map<String, String> values, String name, @Nullable String value) {
    if (value != null) {
      values.put(name, value);
    }
  }

  void restore(Map<String, String> values) {
    url = values.get(URL);
    user = values.get(USER);
    password = values.get(PASSWORD);
    values.forEach(
        (name, value) -> {
          if (name.startsWith(NAMED)) {
            properties.setProperty(name.substring(NAMED.length()), value);
          }
        });
  }

  /** Always null: pgjdbc logs by java.util.logging, the guard by SLF4J. */
  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  /** Ignored. */
  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  /** Sets pgjdbc's property {@code loginTimeout}, in seconds; zero: none. */
  @Override
  public void setLoginTimeout(int seconds) {
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return PGProperty.LOGIN_TIMEOUT.getInt(properties);
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return GuardedOpening.PGJDBC.getParentLogger();
  }
}
