package io.guardedjdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A guarding driver for the URLs that begin with one prefix. Thread-safe. */
abstract class PrefixDriver implements Driver {
  private final String prefix;

  PrefixDriver(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public final boolean acceptsURL(String url) {
    return url.startsWith(prefix);
  }

  /**
   * Opens a guarded connection. Sends nothing beyond what pgjdbc sends.
   *
   * @return null where the URL is not ours, as JDBC wants it
   * @throws SQLException RG901 for a bad property, naming it, its value and what is allowed; else
   *     what pgjdbc throws
   */
  @Override
  public final @Nullable Connection connect(String url, @Nullable Properties info)
      throws SQLException {
    return acceptsURL(url) ? GuardedOpening.open(GuardedUrl.parse(prefix, url, info)) : null;
  }

  @Override
  public final DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info)
      throws SQLException {
    GuardedUrl guarded =
        acceptsURL(url)
            ? GuardedUrl.parse(prefix, url, info)
            : new GuardedUrl(url, info == null ? new Properties() : info, new Properties());
    List<DriverPropertyInfo> all = new ArrayList<>();
    for (GuardProperty property : GuardProperty.values()) {
      DriverPropertyInfo one = new DriverPropertyInfo(property.key(), property.in(guarded.guard()));
      one.description = property.description();
      one.choices = property.choices().isEmpty() ? null : property.choices().toArray(String[]::new);
      all.add(one);
    }
    all.addAll(
        Arrays.asList(GuardedOpening.PGJDBC.getPropertyInfo(guarded.url(), guarded.properties())));
    return all.toArray(DriverPropertyInfo[]::new);
  }

  @Override
  public final int getMajorVersion() {
    return GuardedOpening.PGJDBC.getMajorVersion();
  }

  @Override
  public final int getMinorVersion() {
    return GuardedOpening.PGJDBC.getMinorVersion();
  }

  @Override
  public final boolean jdbcCompliant() {
    return GuardedOpening.PGJDBC.jdbcCompliant();
  }

  @Override
  public final Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return GuardedOpening.PGJDBC.getParentLogger();
  }
}
