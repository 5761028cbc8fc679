package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.text.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the history holds of one run. */
public record RecordedFindings(
    long runId, String store, String outcome, Optional<String> message, List<Finding> findings) {
  private static final String RUN = "SELECT run_id, store, outcome, message FROM audit.run WHERE ";

  /** Copies the findings. */
  public RecordedFindings {
    findings = List.copyOf(findings);
  }

  /** A run by its number. */
  public static Optional<RecordedFindings> ofRun(Session session, long run) throws SQLException {
    return load(session, RUN + "run_id = ?", run);
  }

  /** The last run of a store that is over. */
  public static Optional<RecordedFindings> ofLastRun(Session session, String store)
      throws SQLException {
    return load(
        session,
        RUN + "store = ? AND outcome NOT IN ('running', 'done') ORDER BY run_id DESC LIMIT 1",
        store);
  }

  private static Optional<RecordedFindings> load(Session session, String sql, Object argument)
      throws SQLException {
    Optional<RecordedFindings> run =
        session.first(
            sql,
            row ->
                new RecordedFindings(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    Optional.ofNullable(row.getString(4)),
                    List.of()),
            argument);
    if (run.isEmpty()) {
      return run;
    }
    RecordedFindings found = run.get();
    List<Finding> findings =
        session.list(
            "SELECT gate, severity, object, path, expected, found, examples, message, next_command"
                + " FROM audit.finding WHERE run_id = ? ORDER BY finding_id",
            RecordedFindings::finding,
            found.runId());
    return Optional.of(
        new RecordedFindings(
            found.runId(), found.store(), found.outcome(), found.message(), findings));
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

  /** The findings of one gate. */
  public List<Finding> of(Gate gate) {
    return findings.stream().filter(finding -> finding.gate().equals(gate.id())).toList();
  }

  /** The message of the run, to follow its outcome; empty when there is none. */
  public String because() {
    return message.map(text -> ", " + text).orElse("");
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.put("run_id", runId);
    json.put("outcome", outcome);
    json.put("message", message.orElse(null));
    json.put("findings", findings.stream().map(RecordedFindings::explained).toList());
    return json;
  }

  private static Map<String, @Nullable Object> explained(Finding finding) {
    Map<String, @Nullable Object> json = finding.json();
    Gates.of(finding.gate())
        .map(Gate::explanation)
        .ifPresent(
            explanation -> {
              json.put("failure_class", explanation.failureClass());
              json.put("action", explanation.action());
            });
    return json;
  }
}
