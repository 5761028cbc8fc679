package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a store stands, by the server's clock.
 *
 * @param registryStatus as in the registry; empty without a row
 * @param notes what the writer of the row said
 * @param lastRun id, outcome and message; empty when there was none or this user may not know
 * @param closedBy run and store, where a run of another store closed this one and this user may
 *     know; a run also judges the stores that share its views
 * @param remarks tolerances in force, an extension, the seal, a newer configuration
 */
public record StoreStatus(
    String store,
    String entrypoint,
    Optional<String> registryStatus,
    Optional<Long> certificateId,
    Optional<String> certifiedAt,
    Optional<Duration> age,
    Duration maxAge,
    Optional<Duration> warnAge,
    Optional<Duration> dataAge,
    Optional<Duration> maxDataAge,
    Optional<String> failedGate,
    Optional<String> notes,
    Optional<String> lastRun,
    Optional<String> closedBy,
    List<StoreRemark> remarks) {
  /** Copies the list. */
  public StoreStatus {
    remarks = List.copyOf(remarks);
  }

  /** The conclusion. */
  public enum Verdict {
    /** Readable, and no limit near. */
    CERTIFIED,
    /** Readable, but older than the warn age. */
    AGING,
    /** The certificate or its data are older than their limit. */
    TOO_OLD,
    /** FAILED, REFRESHING or REVOKED. */
    CLOSED,
    /** Never certified. */
    NO_CERTIFICATE
  }

  private static final String LAST_RUN =
      "SELECT 'run ' || r.run_id || ' ' || r.outcome || ', '"
          + " || to_char(coalesce(r.finished_at, r.started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
          + " FROM audit.run r WHERE r.store = p.store AND r.outcome <> 'done' ORDER BY r.run_id DESC LIMIT 1";

  private static final String CLOSED_BY =
      "SELECT 'run ' || r.run_id || ' of store ' || r.store FROM audit.t0_cert_registry g JOIN audit.run r ON r.run_id = g.run_id"
          + " WHERE g.entrypoint = p.entrypoint AND upper(g.status) <> 'CERTIFIED' AND r.store <> p.store";

  /** In place of the registry's word, which says nothing about a relation that is not there. */
  private static final String MISSING = "MISSING";

  private static final String GONE =
      "p.store IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE pg_catalog.format('%I.%I', n.nspname, c.relname) = p.entrypoint)";

  /** All stores that the database knows, by name. */
  public static List<StoreStatus> all(Session session) throws SQLException {
    boolean mayKnowRuns =
        session.test("SELECT pg_catalog.has_table_privilege('audit.run', 'SELECT')");
    boolean mayKnowRows =
        session.test("SELECT pg_catalog.has_table_privilege('audit.t0_cert_registry', 'SELECT')");
    List<StoreRemark> remarks = StoreRemark.all(session);
    return session.list(select(mayKnowRuns, mayKnowRuns && mayKnowRows), row -> read(row, remarks));
  }

  private static String select(boolean mayKnowRuns, boolean mayKnowWriters) {
    return "SELECT coalesce(p.store, p.entrypoint) AS store, p.entrypoint, CASE WHEN "
        + GONE
        + " THEN '"
        + MISSING
        + "' ELSE l.status END AS status, l.certificate_id, l.certified_at, l.failed_gate, l.notes,"
        + " (extract(epoch FROM pg_catalog.clock_timestamp() - l.certified_at) * 1000)::bigint AS age_ms,"
        + " (extract(epoch FROM pg_catalog.clock_timestamp() - l.refreshed_at) * 1000)::bigint AS data_age_ms,"
        + " l.max_age_ms, l.warn_age_ms, l.max_data_age_ms, ("
        + (mayKnowRuns ? LAST_RUN : "NULL::text")
        + ") AS last_run, ("
        + (mayKnowWriters ? CLOSED_BY : "NULL::text")
        + ") AS closed_by"
        + " FROM (SELECT DISTINCT entrypoint, store FROM audit.guard_policy() WHERE rule IS NULL) p"
        + " LEFT JOIN audit.certificate_look() l ON l.entrypoint = p.entrypoint ORDER BY 1";
  }

  private static StoreStatus read(ResultSet row, List<StoreRemark> remarks) throws SQLException {
    String store = row.getString("store");
    return new StoreStatus(
        store,
        row.getString("entrypoint"),
        Optional.ofNullable(row.getString("status")),
        Optional.ofNullable((Long) row.getObject("certificate_id")),
        Optional.ofNullable(row.getObject("certified_at", OffsetDateTime.class))
            .map(time -> time.toInstant().toString()),
        duration(row, "age_ms"),
        duration(row, "max_age_ms").orElse(Duration.ZERO),
        duration(row, "warn_age_ms"),
        duration(row, "data_age_ms"),
        duration(row, "max_data_age_ms"),
        Optional.ofNullable(row.getString("failed_gate")),
        Optional.ofNullable(row.getString("notes")),
        Optional.ofNullable(row.getString("last_run")),
        Optional.ofNullable(row.getString("closed_by")),
        remarks.stream().filter(remark -> remark.store().equals(store)).toList());
  }

  private static Optional<Duration> duration(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /** Whether a person means this store: by its name, or by that of its entrypoint. */
  public boolean isNamed(String name) {
    return store.equals(name) || entrypoint.equals(name);
  }

  /** The conclusion. */
  public Verdict verdict() {
    if (registryStatus.isEmpty()) {
      return Verdict.NO_CERTIFICATE;
    }
    if (!registryStatus.get().equalsIgnoreCase("CERTIFIED")) {
      return Verdict.CLOSED;
    }
    boolean dataTooOld = maxDataAge.filter(limit -> longer(dataAge, limit)).isPresent();
    if (longer(age, maxAge) || dataTooOld) {
      return Verdict.TOO_OLD;
    }
    return warnAge.filter(limit -> longer(age, limit)).isPresent()
        ? Verdict.AGING
        : Verdict.CERTIFIED;
  }

  /** Whether readers get rows. */
  public boolean isReadable() {
    return verdict() == Verdict.CERTIFIED || verdict() == Verdict.AGING;
  }

  /** The conclusion as a word: {@code certified}, {@code too_old}. */
  public String verdictWord() {
    return verdict().name().toLowerCase(Locale.ROOT);
  }

  private static boolean longer(Optional<Duration> age, Duration limit) {
    return age.isEmpty() || age.get().compareTo(limit) >= 0;
  }

  /** What the process should end with. */
  public ExitCode exitCode() {
    return switch (verdict()) {
      case CERTIFIED, AGING -> ExitCode.OK;
      case TOO_OLD, CLOSED, NO_CERTIFICATE -> ExitCode.NOT_CERTIFIED;
    };
  }

  /** Why, and what to do; empty when nothing is wrong. */
  public String whyNot() {
    return switch (verdict()) {
      case CERTIFIED -> "";
      case AGING ->
          "older than the warn age of " + readable(warnAge) + ". Run: refresher run " + store;
      case TOO_OLD -> "older than allowed. Run: refresher run " + store;
      case CLOSED -> closed();
      case NO_CERTIFICATE -> "never certified. Run: refresher run " + store;
    };
  }

  private String closed() {
    if (registryStatus.filter(MISSING::equals).isPresent()) {
      return "the entrypoint does not exist. Create it again, or name another one in the store's file and run: refresher init";
    }
    if (failedGate.filter("seal"::equals).isPresent()) {
      return registryStatus.orElse("")
          + notes.map(text -> ", " + text).orElse("")
          + ". Run: refresher run "
          + store;
    }
    if (registryStatus.filter("REFRESHING"::equalsIgnoreCase).isPresent()) {
      return "REFRESHING: closed until a run certifies it. Unless one is at work, run: refresher run "
          + store;
    }
    return registryStatus.orElse("")
        + failedGate.map(gate -> ", gate " + gate).orElse("")
        + closedBy.map(run -> ", by " + run).orElse("")
        + ". Run: refresher explain "
        + store;
  }

  static String readable(Optional<Duration> duration) {
    return duration.map(DurationText::readable).orElse("-");
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.put("entrypoint", entrypoint);
    json.put("verdict", verdictWord());
    json.put("status", registryStatus.orElse(null));
    json.put("certificate_id", certificateId.orElse(null));
    json.put("certified_at", certifiedAt.orElse(null));
    json.put("age_ms", age.map(Duration::toMillis).orElse(null));
    json.put("max_age_ms", maxAge.toMillis());
    json.put("data_age_ms", dataAge.map(Duration::toMillis).orElse(null));
    json.put("max_data_age_ms", maxDataAge.map(Duration::toMillis).orElse(null));
    json.put("failed_gate", failedGate.orElse(null));
    json.put("last_run", lastRun.orElse(null));
    json.put("closed_by", closedBy.orElse(null));
    json.put("remarks", remarks.stream().map(StoreRemark::json).toList());
    json.put("exit_code", exitCode().code());
    return json;
  }
}
