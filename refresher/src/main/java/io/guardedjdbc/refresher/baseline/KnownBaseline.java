package io.guardedjdbc.refresher.baseline;

import io.guardedjdbc.refresher.db.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A baseline with its review trail.
 *
 * @param status proposed, approved or superseded
 * @param size objects or days
 */
public record KnownBaseline(
    long id,
    String store,
    String kind,
    String status,
    int size,
    String proposedAt,
    String proposedBy,
    Optional<String> reviewedAt,
    Optional<String> reviewer,
    Optional<String> reason,
    Optional<String> gitCommit) {
  private static final String SELECT =
      "SELECT b.baseline_id, b.store, b.kind, b.status, "
          + utc("b.proposed_at")
          + " AS proposed_at, b.proposed_by, "
          + utc("b.reviewed_at")
          + " AS reviewed_at, b.reviewer, b.reason, b.git_commit,"
          + " (SELECT count(*) FROM audit.definition_baseline d WHERE d.baseline_id = b.baseline_id)"
          + " + (SELECT count(*) FROM audit.dataset_baseline d WHERE d.baseline_id = b.baseline_id) AS size"
          + " FROM audit.baseline b";

  /** What is approved, and proposals that are newer than it. */
  public static List<KnownBaseline> open(Session session) throws SQLException {
    return session.list(
        SELECT
            + " WHERE b.status = 'approved' OR (b.status = 'proposed' AND NOT EXISTS"
            + " (SELECT 1 FROM audit.baseline n WHERE n.store = b.store AND n.kind = b.kind"
            + " AND n.baseline_id > b.baseline_id)) ORDER BY b.store, b.kind, b.baseline_id",
        KnownBaseline::read);
  }

  /** Everything of a store, the newest first. */
  public static List<KnownBaseline> history(Session session, String store) throws SQLException {
    return session.list(
        SELECT + " WHERE b.store = ? ORDER BY b.baseline_id DESC", KnownBaseline::read, store);
  }

  private static String utc(String column) {
    return "to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
  }

  private static KnownBaseline read(ResultSet row) throws SQLException {
    return new KnownBaseline(
        row.getLong("baseline_id"),
        row.getString("store"),
        row.getString("kind"),
        row.getString("status"),
        row.getInt("size"),
        row.getString("proposed_at"),
        row.getString("proposed_by"),
        Optional.ofNullable(row.getString("reviewed_at")),
        Optional.ofNullable(row.getString("reviewer")),
        Optional.ofNullable(row.getString("reason")),
        Optional.ofNullable(row.getString("git_commit")));
  }

  /** One line for a person. */
  public String line() {
    return String.format(
            Locale.ROOT,
            "%d  %s  %s  %s, %d %s, proposed %s by %s",
            id,
            store,
            status,
            kind,
            size,
            kind.equals("dataset") ? "days" : "objects",
            proposedAt,
            proposedBy)
        + reviewer.map(who -> "; approved " + reviewedAt.orElse("") + " by " + who).orElse("")
        + reason.map(why -> ": " + why).orElse("")
        + gitCommit.map(commit -> " (commit " + commit + ")").orElse("");
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("baseline_id", id);
    json.put("store", store);
    json.put("kind", kind);
    json.put("status", status);
    json.put("size", size);
    json.put("proposed_at", proposedAt);
    json.put("proposed_by", proposedBy);
    json.put("reviewed_at", reviewedAt.orElse(null));
    json.put("reviewer", reviewer.orElse(null));
    json.put("reason", reason.orElse(null));
    json.put("git_commit", gitCommit.orElse(null));
    return json;
  }
}
