package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;

/**
 * An entrypoint that the run acts for, and its registry row as the run found or wrote it.
 *
 * @param main whether it is the store that was asked for
 * @param renewed whether the run refreshes every materialized view that it reads
 */
record ActedFor(String store, String entrypoint, RegistryRow row, boolean main, boolean renewed) {
  ActedFor with(RegistryRow written) {
    return new ActedFor(store, entrypoint, written, main, renewed);
  }

  /** Each after those that it reads: in this order they are certified. */
  static List<ActedFor> upstreamFirst(Session session, List<ActedFor> targets) throws SQLException {
    List<String> order =
        session.list(
            "SELECT s FROM unnest(audit.upstream_first(?::text[])) WITH ORDINALITY t (s, o) ORDER BY o",
            row -> row.getString(1),
            (Object) targets.stream().map(ActedFor::store).toArray(String[]::new));
    return targets.stream()
        .sorted(Comparator.comparingInt(acted -> order.indexOf(acted.store())))
        .toList();
  }
}
