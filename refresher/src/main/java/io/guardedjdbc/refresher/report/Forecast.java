package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long a run and each of its steps should take: the medians of the last certified runs of the
 * same mode.
 *
 * @param times by mode and step; the step of a whole run has no name
 */
public record Forecast(Map<String, Duration> times, String mode) {
  /** Knows nothing. */
  public static final Forecast NONE = new Forecast(Map.of(), "");

  private static final String TIMES =
      "WITH lately AS (SELECT x.* FROM (SELECT r.*, row_number() OVER (PARTITION BY r.mode ORDER BY r.run_id DESC) AS n"
          + " FROM audit.run r WHERE r.store = ? AND r.outcome = 'certified') x WHERE x.n <= 5),"
          + " took (mode, step, seconds) AS ("
          + " SELECT l.mode, '', extract(epoch FROM l.finished_at - l.started_at) FROM lately l"
          + " UNION ALL SELECT l.mode, s.kind || ' ' || s.object, extract(epoch FROM s.finished_at - s.started_at)"
          + " FROM lately l JOIN audit.run_step s ON s.run_id = l.run_id)"
          + " SELECT mode, step, (percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) * 1000)::bigint FROM took"
          + " WHERE seconds IS NOT NULL AND step IS NOT NULL GROUP BY mode, step";

  /** Copies the map. */
  public Forecast {
    times = Map.copyOf(times);
  }

  /** Of a store, for all modes. */
  public static Forecast of(Session session, String store) throws SQLException {
    Map<String, Duration> times = new HashMap<>();
    session.list(
        TIMES,
        row ->
            times.put(row.getString(1) + " " + row.getString(2), Duration.ofMillis(row.getLong(3))),
        store);
    return new Forecast(times, "");
  }

  /** The same for a mode. */
  public Forecast in(String ofMode) {
    return new Forecast(times, ofMode);
  }

  /** A whole run. */
  public Optional<Duration> whole() {
    return Optional.ofNullable(times.get(mode + " "));
  }

  /** One step, by its kind and object as the history has them. */
  Optional<Duration> of(String kind, String object) {
    return Optional.ofNullable(times.get(mode + " " + kind + " " + object));
  }

  /** One step of a plan. */
  public Optional<Duration> of(PlanStep step) {
    return of(step.kind() == PlanStep.Kind.SQL ? "sql" : "refresh", step.object());
  }

  /** All steps, one after the other. */
  Duration sum() {
    return times.entrySet().stream()
        .filter(time -> time.getKey().startsWith(mode + " ") && !time.getKey().endsWith(" "))
        .map(Map.Entry::getValue)
        .reduce(Duration.ZERO, Duration::plus);
  }
}
