package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.SQLException;
import java.time.Duration;

/** Says what readers see now. */
final class Standing {
  private final Session session;

  Standing(Session session) {
    this.session = session;
  }

  String sentence(StorePolicy policy) {
    try {
      return session
          .first(
              "SELECT status, certificate_id, failed_gate,"
                  + " extract(epoch FROM pg_catalog.clock_timestamp() - certified_at) AS age"
                  + " FROM audit.t0_cert_registry WHERE entrypoint = ?",
              row -> {
                if (!row.getString("status").equalsIgnoreCase("CERTIFIED")) {
                  String gate = row.getString("failed_gate");
                  if (row.getString("status").equalsIgnoreCase("REFRESHING")) {
                    return "readers are refused: REFRESHING, until a run certifies it";
                  }
                  return "readers are refused: "
                      + row.getString("status")
                      + (gate == null ? "" : ", " + gate);
                }
                Duration age =
                    Duration.ofMillis(Math.max(0, (long) (row.getDouble("age") * 1_000)));
                Duration left = policy.maxAge().minus(age);
                String id = "certificate " + row.getLong("certificate_id");
                return left.isNegative() || left.isZero()
                    ? "readers are refused: "
                        + id
                        + " is older than "
                        + DurationText.readable(policy.maxAge())
                    : "readers see " + id + ", good for another " + DurationText.readable(left);
              },
              policy.entrypoint())
          .orElse("readers are refused: there is no certificate yet");
    } catch (SQLException e) {
      return "what readers see is unknown: the registry could not be read";
    }
  }
}
