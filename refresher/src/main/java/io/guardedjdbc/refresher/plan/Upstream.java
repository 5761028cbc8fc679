package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Another store whose entrypoint this one reads: without its certificate there is none for this
 * one.
 *
 * @param missing why it has none now; empty when it has
 */
public record Upstream(String store, String entrypoint, Optional<String> missing) {
  /** Those of a store, by name. */
  public static List<Upstream> of(Session session, String store) throws SQLException {
    return session.list(
        "SELECT store, entrypoint, status FROM audit.upstream_entrypoints(?)",
        row ->
            new Upstream(row.getString(1), row.getString(2), Optional.ofNullable(row.getString(3))),
        store);
  }

  /**
   * Why a store can't be certified as things stand around it.
   *
   * @param passing stores that are about to be certified in the same commit
   */
  public static Optional<String> complaint(Session session, String store, List<String> passing)
      throws SQLException {
    return session.text(
        "SELECT audit.upstream_complaint(?, ?::text[])", store, passing.toArray(new String[0]));
  }

  /** The stable fields, in order. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("store", store);
    json.put("entrypoint", entrypoint);
    json.put("missing", missing.orElse(null));
    return json;
  }
}
