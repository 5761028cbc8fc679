package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.text.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the history holds of one run, as far as it concerns one store.
 *
 * @param store whose run it was
 * @param about the store asked for; a run also acts for the stores that share its views
 * @param left how the run left the row of {@code about}; empty for the store's own run, and where
 *     it left it as it was
 * @param byStore all findings of the store's own run, of another's those about {@code about}
 */
public record RecordedFindings(
    long runId,
    String store,
    String about,
    String outcome,
    Optional<String> message,
    Optional<Left> left,
    Map<String, List<Finding>> byStore) {
  /** How a run left a registry row. */
  public record Left(String status, Optional<String> failedGate, Optional<String> notes) {
    /** Whether readers are refused. */
    public boolean closed() {
      return !status.equalsIgnoreCase("CERTIFIED");
    }

    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("status", status);
      json.put("failed_gate", failedGate.orElse(null));
      json.put("notes", notes.orElse(null));
      return json;
    }
  }

  private static final String RUN = "SELECT run_id, store, outcome, message FROM audit.run WHERE ";

  private static final String OVER = "r.outcome NOT IN ('running', 'done')";

  /** The store's own run, or one that wrote its row or found something of it. */
  private static final String LAST_ABOUT =
      RUN
          + "run_id = greatest("
          + "(SELECT max(r.run_id) FROM audit.run r WHERE r.store = ? AND "
          + OVER
          + "), (SELECT r.run_id FROM audit.certificate_history h JOIN audit.run r ON r.run_id = h.run_id"
          + " JOIN audit.entrypoint_policy p ON p.entrypoint = h.entrypoint WHERE p.store = ? AND "
          + OVER
          + " ORDER BY h.history_id DESC LIMIT 1),"
          + " (SELECT max(r.run_id) FROM audit.finding f JOIN audit.run r ON r.run_id = f.run_id WHERE f.store = ? AND "
          + OVER
          + "))";

  private static final String LEFT =
      "SELECT h.status, h.failed_gate, h.notes FROM audit.certificate_history h"
          + " JOIN audit.entrypoint_policy p ON p.entrypoint = h.entrypoint"
          + " WHERE p.store = ? AND h.run_id = ? ORDER BY h.history_id DESC LIMIT 1";

  /** Copies the map. */
  public RecordedFindings {
    Map<String, List<Finding>> copy = new LinkedHashMap<>();
    byStore.forEach((name, findings) -> copy.put(name, List.copyOf(findings)));
    byStore = copy;
  }

  /** A run by its number, about its own store. */
  public static Optional<RecordedFindings> ofRun(Session session, long run) throws SQLException {
    return load(session, null, RUN + "run_id = ?", run);
  }

  /** The last run that is over and was the store's own or judged it. */
  public static Optional<RecordedFindings> ofLastRun(Session session, String store)
      throws SQLException {
    return load(session, store, LAST_ABOUT, store, store, store);
  }

  private static Optional<RecordedFindings> load(
      Session session, @Nullable String asked, String sql, Object... arguments)
      throws SQLException {
    Optional<RecordedFindings> run =
        session.first(
            sql,
            row ->
                new RecordedFindings(
                    row.getLong(1),
                    row.getString(2),
                    asked == null ? row.getString(2) : asked,
                    row.getString(3),
                    Optional.ofNullable(row.getString(4)),
                    Optional.empty(),
                    Map.of()),
            arguments);
    return run.isEmpty() ? run : Optional.of(run.get().filled(session));
  }

  private RecordedFindings filled(Session session) throws SQLException {
    Map<String, List<Finding>> found = new LinkedHashMap<>();
    session.list(
        "SELECT store, gate, severity, object, path, expected, found, examples, message, next_command"
            + " FROM audit.finding WHERE run_id = ? AND (?::boolean OR store = ?)"
            + " ORDER BY store <> ?, store, finding_id",
        row ->
            found
                .computeIfAbsent(row.getString("store"), name -> new ArrayList<>())
                .add(finding(row)),
        runId,
        isOwn(),
        about,
        about);
    Optional<Left> written =
        isOwn()
            ? Optional.empty()
            : session.first(
                LEFT,
                row ->
                    new Left(
                        row.getString(1),
                        Optional.ofNullable(row.getString(2)),
                        Optional.ofNullable(row.getString(3))),
                about,
                runId);
    return new RecordedFindings(runId, store, about, outcome, message, written, found);
  }

  private static Finding finding(ResultSet row) throws SQLException {
    return new Finding(
        row.getString("gate"),
        Optional.ofNullable(row.getString("severity")).orElse("block"),
        Optional.ofNullable(row.getString("object")),
        Session.texts(row.getArray("path")),
        Optional.ofNullable(row.getString("expected")),
        Optional.ofNullable(row.getString("found")),
        Json.read(row.getString("examples")),
        Optional.ofNullable(row.getString("message")).orElse(""),
        Optional.ofNullable(row.getString("next_command")));
  }

  /** Whether it was a run of the store asked for. */
  public boolean isOwn() {
    return store.equals(about);
  }

  /** Those about the store asked for. */
  public List<Finding> findings() {
    return byStore.getOrDefault(about, List.of());
  }

  /** Outcome and message, and whose run it was where it was another's. */
  public String headline() {
    return (isOwn() ? "" : "of store " + store + ", which acted for " + about + ", too: ")
        + outcome
        + message.map(text -> ", " + text).orElse("");
  }

  /** How another store's run left this one's row; empty where it did not write it. */
  public Optional<String> aftermath() {
    return left.map(
        row ->
            about
                + " is "
                + row.status()
                + " since"
                + row.failedGate().map(gate -> ", gate " + gate).orElse("")
                + row.notes().map(text -> ": " + text).orElse(""));
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", about);
    json.put("run_id", runId);
    json.put("run_of", store);
    json.put("outcome", outcome);
    json.put("message", message.orElse(null));
    json.put("left", left.map(Left::json).orElse(null));
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    byStore.forEach((name, found) -> found.forEach(finding -> all.add(explained(name, finding))));
    json.put("findings", all);
    return json;
  }

  private static Map<String, @Nullable Object> explained(String store, Finding finding) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.putAll(finding.json());
    Gates.of(finding.gate())
        .map(Gate::explanation)
        .ifPresent(
            explanation -> {
              json.put("failure_class", explanation.failureClass());
              json.put("action", explanation.action());
            });
    return json;
  }

  /** Those of one gate among these. */
  public static List<Finding> of(Gate gate, Collection<Finding> findings) {
    return findings.stream().filter(finding -> finding.gate().equals(gate.id())).toList();
  }
}
