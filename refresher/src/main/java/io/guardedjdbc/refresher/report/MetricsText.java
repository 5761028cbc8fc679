package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.RecordedFindings;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How stores stand, as metrics of Prometheus. Times stand beside ages: a file that nobody writes
 * any more keeps its ages, but {@code time() - …_timestamp_seconds} goes on.
 */
public final class MetricsText {
  private static final List<String> OUTCOMES =
      List.of("certified", "failed", "error", "interrupted", "running");

  private static final String LAST_RUN =
      "SELECT outcome, extract(epoch FROM started_at)::float8,"
          + " extract(epoch FROM coalesce(finished_at, started_at))::float8 FROM audit.run"
          + " WHERE store = ? AND outcome <> 'done' ORDER BY run_id DESC LIMIT 1";

  private static final String TIMES =
      "SELECT extract(epoch FROM l.certified_at)::float8, extract(epoch FROM l.refreshed_at)::float8"
          + " FROM audit.certificate_look() l WHERE l.entrypoint = ?";

  private final Metric certified =
      new Metric("guarded_store_certified", "Whether readers get rows: 1 or 0.");
  private final Metric certifiedAt =
      new Metric("guarded_store_certified_timestamp_seconds", "When the certificate was given.");
  private final Metric age =
      new Metric("guarded_store_certificate_age_seconds", "Age of the certificate.");
  private final Metric maxAge =
      new Metric(
          "guarded_store_certificate_max_age_seconds",
          "Age at which the certificate no longer counts.");
  private final Metric refreshedAt =
      new Metric("guarded_store_refreshed_timestamp_seconds", "When the data were refreshed.");
  private final Metric dataAge = new Metric("guarded_store_data_age_seconds", "Age of the data.");
  private final Metric maxDataAge =
      new Metric(
          "guarded_store_data_max_age_seconds", "Age at which the data are no longer released.");
  private final Metric outcome =
      new Metric("guarded_store_last_run_outcome", "How the last run ended: 1 for that outcome.");
  private final Metric runAt =
      new Metric("guarded_store_last_run_timestamp_seconds", "When the last run ended.");
  private final Metric took =
      new Metric("guarded_store_last_run_duration_seconds", "How long the last run took.");
  private final Metric findings =
      new Metric("guarded_gate_findings", "What the gates found in the last run that is over.");
  private final Metric sealed =
      new Metric("guarded_store_sealed", "Whether changes of others revoke at once: 1 or 0.");
  private final Metric extended =
      new Metric("guarded_store_extended", "Whether a person let the certificate stand: 1 or 0.");
  private final Metric tolerances =
      new Metric("guarded_store_tolerances", "Tolerances of drift that are in force.");
  private final Metric written =
      new Metric("guarded_metrics_timestamp_seconds", "When this was written, by the server.");

  private MetricsText() {}

  /** The text of all stores. */
  public static String of(Session session, List<StoreStatus> stores) throws SQLException {
    MetricsText text = new MetricsText();
    for (StoreStatus store : stores) {
      text.add(session, store);
    }
    text.written.put(
        session
            .first(
                "SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8",
                row -> row.getDouble(1))
            .orElse(0.0));
    return text.toString();
  }

  private void add(Session session, StoreStatus status) throws SQLException {
    String store = status.store();
    certified.put(status.isReadable() ? 1 : 0, "store", store, "entrypoint", status.entrypoint());
    status.age().ifPresent(known -> age.put(seconds(known.toMillis()), "store", store));
    maxAge.put(seconds(status.maxAge().toMillis()), "store", store);
    status.dataAge().ifPresent(known -> dataAge.put(seconds(known.toMillis()), "store", store));
    status
        .maxDataAge()
        .ifPresent(known -> maxDataAge.put(seconds(known.toMillis()), "store", store));
    session.list(
        TIMES,
        row -> {
          put(certifiedAt, Optional.ofNullable((Double) row.getObject(1)), store);
          return put(refreshedAt, Optional.ofNullable((Double) row.getObject(2)), store);
        },
        status.entrypoint());
    sealed.put(remarks(status, "seal") > 0 ? 1 : 0, "store", store);
    extended.put(remarks(status, "extension") > 0 ? 1 : 0, "store", store);
    tolerances.put(remarks(status, "tolerance"), "store", store);
    lastRun(session, store);
    gates(session, store);
  }

  private void lastRun(Session session, String store) throws SQLException {
    session.list(
        LAST_RUN,
        row -> {
          String ended = row.getString(1);
          OUTCOMES.forEach(
              word -> outcome.put(word.equals(ended) ? 1 : 0, "store", store, "outcome", word));
          if (!ended.equals("running")) {
            runAt.put(row.getDouble(3), "store", store);
            took.put(
                seconds(Math.round((row.getDouble(3) - row.getDouble(2)) * 1e3)), "store", store);
          }
          return ended;
        },
        store);
  }

  private void gates(Session session, String store) throws SQLException {
    Map<String, Integer> found =
        RecordedFindings.ofLastRun(session, store).map(RecordedFindings::findings).stream()
            .flatMap(List::stream)
            .collect(
                Collectors.groupingBy(
                    finding -> finding.gate() + (finding.blocks() ? " block" : " warn"),
                    Collectors.summingInt(finding -> 1)));
    for (ConfiguredGate gate : ConfiguredGate.of(session, store)) {
      String id = gate.gate().id();
      for (String severity : List.of("block", "warn")) {
        findings.put(
            found.getOrDefault(id + " " + severity, 0),
            "store",
            store,
            "gate",
            id,
            "severity",
            severity);
      }
    }
  }

  private static Metric put(Metric metric, Optional<Double> value, String store) {
    value.ifPresent(known -> metric.put(known, "store", store));
    return metric;
  }

  private static double seconds(long millis) {
    return millis / 1e3;
  }

  private static int remarks(StoreStatus status, String kind) {
    return (int) status.remarks().stream().filter(remark -> remark.kind().equals(kind)).count();
  }

  @Override
  public String toString() {
    return Stream.of(
            certified,
            certifiedAt,
            age,
            maxAge,
            refreshedAt,
            dataAge,
            maxDataAge,
            outcome,
            runAt,
            took,
            findings,
            sealed,
            extended,
            tolerances,
            written)
        .map(Metric::toString)
        .collect(Collectors.joining());
  }
}
