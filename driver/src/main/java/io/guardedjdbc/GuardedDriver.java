package io.guardedjdbc;

import io.guardedjdbc.guard.GuardSettings;
import io.guardedjdbc.guard.SessionGuard;
import io.guardedjdbc.guard.SharedServer;
import io.guardedjdbc.jdbc.GuardedConnections;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The driver behind {@code jdbc:guarded:postgresql:}. Takes every URL form and property of pgjdbc's
 * and those of {@link GuardProperty}. Registered with {@link DriverManager}. Thread-safe.
 */
public final class GuardedDriver implements Driver {
  static final org.postgresql.Driver PGJDBC = new org.postgresql.Driver();

  static {
    try {
      DriverManager.registerDriver(new GuardedDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Drivers have no state; DriverManager and frameworks make them by this. */
  public GuardedDriver() {}

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(GuardedUrl.PREFIX);
  }

  /**
   * Opens a guarded connection. Sends nothing beyond what pgjdbc sends.
   *
   * @return null where the URL is not ours, as JDBC wants it
   * @throws SQLException RG901 for a bad property, naming it, its value and what is allowed; else
   *     what pgjdbc throws
   */
  @Override
  public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    GuardedUrl guarded = GuardedUrl.parse(GuardedUrl.PREFIX, url, info);
    GuardSettings settings = new GuardSettingsReader(guarded.guard()).read();
    Connection raw = PGJDBC.connect(guarded.url(), guarded.properties());
    if (raw == null) {
      return null;
    }
    try {
      SideRoute route = SideRoute.of(raw, guarded, settings.registryTimeout());
      SessionGuard guard =
          SharedServer.guard(
              new SharedServer.Key(route.key(), settings), raw, route::open, ReaderClock.system());
      return GuardedConnections.wrap(raw, guard);
    } catch (SQLException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info)
      throws SQLException {
    GuardedUrl guarded =
        acceptsURL(url)
            ? GuardedUrl.parse(GuardedUrl.PREFIX, url, info)
            : new GuardedUrl(url, info == null ? new Properties() : info, new Properties());
    List<DriverPropertyInfo> all = new ArrayList<>();
    for (GuardProperty property : GuardProperty.values()) {
      DriverPropertyInfo one = new DriverPropertyInfo(property.key(), property.in(guarded.guard()));
      one.description = property.description();
      one.choices = property.choices().isEmpty() ? null : property.choices().toArray(String[]::new);
      all.add(one);
    }
    all.addAll(Arrays.asList(PGJDBC.getPropertyInfo(guarded.url(), guarded.properties())));
    return all.toArray(DriverPropertyInfo[]::new);
  }

  @Override
  public int getMajorVersion() {
    return PGJDBC.getMajorVersion();
  }

  @Override
  public int getMinorVersion() {
    return PGJDBC.getMinorVersion();
  }

  @Override
  public boolean jdbcCompliant() {
    return PGJDBC.jdbcCompliant();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return PGJDBC.getParentLogger();
  }
}
