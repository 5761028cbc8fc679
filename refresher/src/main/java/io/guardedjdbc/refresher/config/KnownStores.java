package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.Nearest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The stores that a database has a policy for. */
public final class KnownStores {
  private static final String SELECT =
      "SELECT store, entrypoint, time_zone, publish_mode, config_digest,"
          + millis("max_age")
          + millis("warn_age")
          + millis("max_data_age")
          + millis("lease").replace("_ms,", "_ms")
          + " FROM audit.entrypoint_policy ORDER BY store";

  private KnownStores() {}

  /** All of them by name. */
  public static List<StorePolicy> all(Session session) throws SQLException {
    return session.list(SELECT, KnownStores::policy);
  }

  /**
   * The store of this name, or of this entrypoint.
   *
   * @throws Failure {@link ExitCode#USAGE} when there is none, naming those there are
   */
  public static StorePolicy named(Session session, String name) throws SQLException {
    List<StorePolicy> all = all(session);
    return all.stream()
        .filter(policy -> policy.store().equals(name) || policy.entrypoint().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name, all.stream().map(StorePolicy::store).toList()));
  }

  /** The complaint about a store that is none of these, with the nearest of them. */
  public static Failure unknown(String name, List<String> known) {
    String which =
        known.isEmpty()
            ? "this database knows none yet. Run: refresher init STORE.yaml"
            : "this database knows " + String.join(", ", known);
    String hint = Nearest.to(name, known).map(near -> " (did you mean " + near + "?)").orElse("");
    return new Failure(ExitCode.USAGE, "Unknown store '" + name + "'" + hint + ": " + which);
  }

  private static StorePolicy policy(ResultSet row) throws SQLException {
    return new StorePolicy(
        row.getString("store"),
        row.getString("entrypoint"),
        row.getString("time_zone"),
        row.getString("publish_mode"),
        duration(row, "max_age").orElse(Duration.ZERO),
        duration(row, "warn_age"),
        duration(row, "max_data_age"),
        duration(row, "lease").orElse(Duration.ZERO),
        row.getString("config_digest"));
  }

  private static Optional<Duration> duration(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column + "_ms");
    return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  private static String millis(String column) {
    return " (extract(epoch FROM " + column + ") * 1000)::bigint AS " + column + "_ms,";
  }
}
