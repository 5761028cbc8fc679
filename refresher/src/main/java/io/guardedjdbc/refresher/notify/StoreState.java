package io.guardedjdbc.refresher.notify;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a change is measured by: what readers get, and how the last run that is over ended. An aging
 * certificate is a good one here: it ages every day.
 *
 * @param verdict certified, too_old, closed or no_certificate
 * @param outcome of the last run that is over; empty when there was none
 */
public record StoreState(
    String store,
    String entrypoint,
    String verdict,
    Optional<String> failedGate,
    Optional<String> outcome) {
  private static final String LAST_OUTCOME =
      "SELECT outcome FROM audit.run WHERE store = ? AND outcome NOT IN ('running', 'done')"
          + " ORDER BY run_id DESC LIMIT 1";

  /** The states of all stores that the database knows, by the stores' names. */
  public static Map<String, StoreState> all(Session session) throws SQLException {
    Map<String, StoreState> states = new LinkedHashMap<>();
    for (StoreStatus status : StoreStatus.all(session)) {
      states.put(
          status.store(),
          new StoreState(
              status.store(),
              status.entrypoint(),
              status.isReadable() ? "certified" : status.verdictWord(),
              status.failedGate(),
              session.text(LAST_OUTCOME, status.store())));
    }
    return states;
  }

  /** Whether readers get rows, and the last run brought them. */
  boolean isGood() {
    return verdict.equals("certified") && outcome.filter("certified"::equals).isPresent();
  }

  String phrase() {
    return verdict.replace('_', ' ')
        + failedGate.map(gate -> " (gate " + gate + ")").orElse("")
        + outcome.map(word -> ", last run " + word).orElse("");
  }

  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("verdict", verdict);
    json.put("failed_gate", failedGate.orElse(null));
    json.put("run_outcome", outcome.orElse(null));
    return json;
  }
}
