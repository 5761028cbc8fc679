package io.guardedjdbc.guard;

import io.guardedjdbc.catalog.GuardMapOptions;
import io.guardedjdbc.jdbc.GuardedConnections;
import io.guardedjdbc.registry.ReaderClock;
import io.guardedjdbc.registry.RegistryName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Opens guarded connections with another clock, another way to the registry, or a broken
 * protection: what no property of the driver can do.
 *
 * @param dataUrl pgjdbc's, for the rows
 * @param registryUrl pgjdbc's, for the looks
 * @param sharing connections of one name share looks and guard map
 */
public record OpenedWithParts(
    String dataUrl,
    String registryUrl,
    String sharing,
    ReaderClock clock,
    ReaderProtection broken) {
  /**
   * One more connection.
   *
   * @param always whether it looks after each result, leases or not
   * @param pin the only certificate that may cover its rows; null: any
   */
  public Connection open(boolean always, @Nullable String pin) throws SQLException {
    GuardSettings settings =
        new GuardSettings(
            GuardMapOptions.DEFAULT,
            RegistryName.DEFAULT,
            null,
            null,
            always ? Validation.ALWAYS : Validation.LEASED,
            false,
            Duration.ofSeconds(5),
            pin,
            Copies.UNDO,
            Mode.ENFORCE,
            null);
    Connection raw = connect(dataUrl);
    SharedServer.Key key = new SharedServer.Key(sharing, settings);
    SessionGuard guard =
        SharedServer.guard(key, raw, () -> connect(registryUrl), clock, broken::brokenIn);
    return GuardedConnections.wrap(raw, guard);
  }

  private static Connection connect(String url) throws SQLException {
    return Objects.requireNonNull(new Driver().connect(url, new Properties()));
  }
}
