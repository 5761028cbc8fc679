package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long a run and each of its steps should take, and how many rows its views should have: the
 * medians of the last certified runs of the same mode.
 *
 * @param times by mode and step; the step of a whole run has no name
 * @param sizes rows by mode and step, of those that have any
 */
public record Forecast(Map<String, Duration> times, Map<String, Long> sizes, String mode) {
  /** Knows nothing. */
  public static final Forecast NONE = new Forecast(Map.of(), Map.of(), "");

  private static final String TIMES =
      "WITH lately AS (SELECT x.* FROM (SELECT r.*, row_number() OVER (PARTITION BY r.mode ORDER BY r.run_id DESC) AS n"
          + " FROM audit.run r WHERE r.store = ? AND r.outcome = 'certified') x WHERE x.n <= 5),"
          + " took (mode, step, seconds, rows) AS ("
          + " SELECT l.mode, '', extract(epoch FROM l.finished_at - l.started_at), NULL::bigint FROM lately l"
          + " UNION ALL SELECT l.mode, s.kind || ' ' || s.object, extract(epoch FROM s.finished_at - s.started_at), s.rows"
          + " FROM lately l JOIN audit.run_step s ON s.run_id = l.run_id)"
          + " SELECT mode, step, (percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) * 1000)::bigint,"
          + " percentile_disc(0.5) WITHIN GROUP (ORDER BY rows) FROM took"
          + " WHERE seconds IS NOT NULL AND step IS NOT NULL GROUP BY mode, step";

  /** Copies the maps. */
  public Forecast {
    times = Map.copyOf(times);
    sizes = Map.copyOf(sizes);
  }

  /** Of a store, for all modes. */
  public static Forecast of(Session session, String store) throws SQLException {
    Map<String, Duration> times = new HashMap<>();
    Map<String, Long> sizes = new HashMap<>();
    session.list(
        TIMES,
        row -> {
          String step = row.getString(1) + " " + row.getString(2);
          if (row.getObject(4) != null) {
            sizes.put(step, row.getLong(4));
          }
          return times.put(step, Duration.ofMillis(row.getLong(3)));
        },
        store);
    return new Forecast(times, sizes, "");
  }

  /** The same for a mode. */
  public Forecast in(String ofMode) {
    return new Forecast(times, sizes, ofMode);
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
    return of(kind(step), step.object());
  }

  /** How many rows the view of a step should have; empty for a SQL step. */
  public Optional<Long> rows(PlanStep step) {
    return Optional.ofNullable(sizes.get(mode + " " + kind(step) + " " + step.object()));
  }

  private static String kind(PlanStep step) {
    return step.kind() == PlanStep.Kind.SQL ? "sql" : "refresh";
  }

  /** All steps, one after the other. */
  Duration sum() {
    return times.entrySet().stream()
        .filter(time -> time.getKey().startsWith(mode + " ") && !time.getKey().endsWith(" "))
        .map(Map.Entry::getValue)
        .reduce(Duration.ZERO, Duration::plus);
  }
}
