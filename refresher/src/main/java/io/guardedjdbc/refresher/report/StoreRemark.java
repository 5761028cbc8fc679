package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a person should know of a store beside its certificate.
 *
 * @param kind configuration, extension, tolerance or seal
 * @param text one phrase
 */
public record StoreRemark(String store, String kind, String text) {
  /** Those of all stores; none in a database whose audit schema is older than this program. */
  static List<StoreRemark> all(Session session) throws SQLException {
    if (!session.test("SELECT pg_catalog.to_regprocedure('audit.store_remarks()') IS NOT NULL")) {
      return List.of();
    }
    return session.list(
        "SELECT store, kind, remark FROM audit.store_remarks() ORDER BY store, kind, remark",
        row -> new StoreRemark(row.getString(1), row.getString(2), row.getString(3)));
  }

  /** The stable fields, in order. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", kind);
    json.put("text", text);
    return json;
  }
}
