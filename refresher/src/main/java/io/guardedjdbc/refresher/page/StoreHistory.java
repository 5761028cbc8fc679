package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.RecordedFindings;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the database remembers of a store.
 *
 * @param now the server's clock
 * @param changes of its certificate, oldest first
 * @param runs that refreshed or judged, oldest first
 * @param found what the last run that is over found
 */
public record StoreHistory(
    StoreStatus status,
    Instant now,
    List<Change> changes,
    List<PastRun> runs,
    List<ConfiguredGate> gates,
    Optional<RecordedFindings> found) {
  private static final int MOST_CHANGES = 1_000;
  private static final int MOST_RUNS = 24;

  private static final String CHANGES =
      "SELECT h.changed_at, h.status, h.certificate_id, h.certified_at, h.refreshed_at, h.failed_gate, h.run_id, h.changed_by, h.notes,"
          + " (extract(epoch FROM coalesce((h.row_after ->> 'max_age')::interval, p.max_age)) * 1000)::bigint AS max_age_ms,"
          + " (extract(epoch FROM coalesce((h.row_after ->> 'max_data_age')::interval, p.max_data_age)) * 1000)::bigint AS max_data_age_ms"
          + " FROM audit.certificate_history h LEFT JOIN audit.entrypoint_policy p ON p.entrypoint = h.entrypoint"
          + " WHERE h.entrypoint = ? AND h.changed_at > pg_catalog.clock_timestamp() - interval '30 days'"
          + " ORDER BY h.history_id DESC LIMIT "
          + MOST_CHANGES;

  private static final String RUNS =
      "SELECT run_id, mode, outcome, started_at, finished_at, message FROM audit.run"
          + " WHERE store = ? AND outcome <> 'done' ORDER BY run_id DESC LIMIT "
          + MOST_RUNS;

  private static final String STEPS =
      "SELECT kind, object, outcome, detail, (extract(epoch FROM finished_at - started_at) * 1000)::bigint AS took_ms"
          + " FROM audit.run_step WHERE run_id = ? ORDER BY step";

  /** One change of the registry's row. */
  public record Change(
      Instant at,
      String status,
      Optional<Long> certificateId,
      Optional<Instant> certifiedAt,
      Optional<Instant> refreshedAt,
      Optional<Duration> maxAge,
      Optional<Duration> maxDataAge,
      Optional<String> failedGate,
      Optional<Long> runId,
      String by,
      Optional<String> notes) {
    boolean certified() {
      return status.equalsIgnoreCase("CERTIFIED");
    }
  }

  /** One run. */
  public record PastRun(
      long id,
      String mode,
      String outcome,
      Instant started,
      Optional<Instant> finished,
      Optional<String> message,
      List<PastStep> steps) {
    /** Copies the list. */
    public PastRun {
      steps = List.copyOf(steps);
    }

    Optional<Duration> took() {
      return finished.map(end -> Duration.between(started, end));
    }
  }

  /** One step of a run. */
  public record PastStep(
      String kind, String object, String outcome, Optional<String> detail, Duration took) {
    boolean changes() {
      return kind.equals("refresh") || kind.equals("sql");
    }
  }

  /** Copies the lists. */
  public StoreHistory {
    changes = List.copyOf(changes);
    runs = List.copyOf(runs);
    gates = List.copyOf(gates);
  }

  /** The history of a store. */
  public static StoreHistory of(Session session, StoreStatus status) throws SQLException {
    List<Change> changes =
        new ArrayList<>(session.list(CHANGES, StoreHistory::change, status.entrypoint()));
    Collections.reverse(changes);
    List<PastRun> runs = new ArrayList<>(session.list(RUNS, StoreHistory::run, status.store()));
    Collections.reverse(runs);
    for (int i = 0; i < runs.size(); i++) {
      PastRun run = runs.get(i);
      List<PastStep> steps = session.list(STEPS, StoreHistory::step, run.id());
      runs.set(
          i,
          new PastRun(
              run.id(),
              run.mode(),
              run.outcome(),
              run.started(),
              run.finished(),
              run.message(),
              steps));
    }
    return new StoreHistory(
        status,
        session.first("SELECT pg_catalog.clock_timestamp()", row -> instant(row, 1)).orElseThrow(),
        changes,
        runs,
        ConfiguredGate.of(session, status.store()),
        RecordedFindings.ofLastRun(session, status.store()));
  }

  private static Change change(ResultSet row) throws SQLException {
    return new Change(
        row.getObject("changed_at", OffsetDateTime.class).toInstant(),
        Optional.ofNullable(row.getString("status")).orElse("removed"),
        number(row, "certificate_id"),
        moment(row, "certified_at"),
        moment(row, "refreshed_at"),
        number(row, "max_age_ms").map(Duration::ofMillis),
        number(row, "max_data_age_ms").map(Duration::ofMillis),
        Optional.ofNullable(row.getString("failed_gate")),
        number(row, "run_id"),
        row.getString("changed_by"),
        Optional.ofNullable(row.getString("notes")));
  }

  private static PastRun run(ResultSet row) throws SQLException {
    return new PastRun(
        row.getLong("run_id"),
        row.getString("mode"),
        row.getString("outcome"),
        row.getObject("started_at", OffsetDateTime.class).toInstant(),
        moment(row, "finished_at"),
        Optional.ofNullable(row.getString("message")),
        List.of());
  }

  private static PastStep step(ResultSet row) throws SQLException {
    return new PastStep(
        row.getString("kind"),
        Optional.ofNullable(row.getString("object")).orElse(""),
        Optional.ofNullable(row.getString("outcome")).orElse("running"),
        Optional.ofNullable(row.getString("detail")),
        Duration.ofMillis(number(row, "took_ms").orElse(0L)));
  }

  private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static Optional<Long> number(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable((Long) row.getObject(column));
  }
}
