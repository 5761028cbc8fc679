package io.guardedjdbc.registry;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.error.Refusals;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The looks that all connections to one server and role share: the last one is kept, one is under
 * way at a time, and whoever waits takes what the other brought if it was sent late enough.
 * Thread-safe.
 */
public final class SharedLooks implements Looks {
  private static final Logger LOG = LoggerFactory.getLogger("io.guardedjdbc.registry");

  private final SideChannel channel;
  private final RegistryName name;
  private final ReaderClock clock;
  private final Runnable looked;
  private volatile @Nullable RegistryRead read;
  private volatile @Nullable Look last;

  /**
   * No look yet.
   *
   * @param looked called after each read of the registry
   */
  public SharedLooks(SideChannel channel, RegistryName name, ReaderClock clock, Runnable looked) {
    this.channel = channel;
    this.name = name;
    this.clock = clock;
    this.looked = looked;
  }

  @Override
  public @Nullable Look last() {
    return last;
  }

  /** Blocks for at most one read of the registry behind those of others. */
  @Override
  public Look sentAfter(Stamp moment) throws SQLException {
    Look known = last;
    if (known != null && known.sent().isAfter(moment)) {
      return known;
    }
    try {
      return channel.call(connection -> lookOn(connection, moment));
    } catch (SQLException e) {
      if (e instanceof GuardRefusal) {
        throw e;
      }
      throw Refusals.refusal(
          GuardState.UNREADABLE,
          "the registry " + name + " could not be read (SQLState " + e.getSQLState() + ")",
          "Check locks and row security on it, then try again",
          e);
    }
  }

  @Override
  public void reconnect() {
    channel.reopen();
  }

  @Override
  public RegistryRead read() throws SQLException {
    RegistryRead known = read;
    return known != null ? known : channel.call(this::readOn);
  }

  /**
   * A look that was sent after {@code moment}.
   *
   * @param connection the side channel's, held by the caller
   * @throws SQLException as the server gave it, or a refusal where there is no registry to read
   */
  public Look lookOn(Connection connection, Stamp moment) throws SQLException {
    Look known = last;
    if (known != null && known.sent().isAfter(moment)) {
      return known;
    }
    Look look;
    try {
      look = lookOn(connection, readOn(connection));
    } catch (SQLException e) {
      read = null;
      throw e;
    }
    looked.run();
    report(known, look);
    last = look;
    return look;
  }

  /**
   * By a prepared statement: pgjdbc keeps it with the connection, and the server its plan, which it
   * makes anew where anything in it was defined anew. Where the server no longer takes it (a plan
   * whose columns have changed, a pooler that has put another server behind the connection), by one
   * that nobody has kept; not where waiting was the trouble.
   */
  private Look lookOn(Connection connection, RegistryRead how) throws SQLException {
    Stamp sent = clock.stamp();
    try (PreparedStatement kept = connection.prepareStatement(how.sql());
        ResultSet rows = kept.executeQuery()) {
      return how.read(rows, sent);
    } catch (SQLException e) {
      if (connection.isClosed() || !mayBeOfKeptStatement(e)) {
        throw e;
      }
    }
    sent = clock.stamp();
    try (Statement fresh = connection.createStatement();
        ResultSet rows = fresh.executeQuery(how.sql())) {
      return how.read(rows, sent);
    }
  }

  /** Neither the connection, nor a lock, nor a cancel or timeout. */
  private static boolean mayBeOfKeptStatement(SQLException e) {
    String state = e.getSQLState();
    return state == null
        || !(state.startsWith("08") || state.startsWith("55") || state.startsWith("57"));
  }

  /** One line for each certificate that is another than at the last look. */
  private void report(@Nullable Look before, Look now) {
    if (!LOG.isInfoEnabled()) {
      return;
    }
    for (Certificate certificate : now.certificates().values()) {
      Certificate old = before == null ? null : before.certificate(certificate.entrypoint());
      if (old == null || !old.id().equals(certificate.id())) {
        LOG.info(
            "{}: {} by certificate {}, certified at {}",
            certificate.entrypoint(),
            certificate.status(),
            certificate.id(),
            certificate.certifiedAt());
      }
    }
  }

  private RegistryRead readOn(Connection connection) throws SQLException {
    RegistryRead known = read;
    if (known == null) {
      known = RegistryFinder.find(connection, name);
      read = known;
    }
    return known;
  }
}
