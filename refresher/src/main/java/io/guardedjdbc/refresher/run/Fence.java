package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.List;

/**
 * The registry rows that a run took, by their ids. Every transaction that changes data holds them
 * first: a run that was paused, or lost a failover, finds another writer's rows there and is over.
 * Thread-safe.
 */
final class Fence {
  private final List<ActedFor> rows;

  /** Around entrypoints that have a row. */
  Fence(List<ActedFor> rows) {
    this.rows = List.copyOf(rows);
  }

  /**
   * Holds the rows until the open transaction ends.
   *
   * @throws io.guardedjdbc.refresher.exit.Failure when one is no longer ours
   */
  void hold(Session session) throws SQLException {
    Object entrypoints = rows.stream().map(ActedFor::entrypoint).toArray(String[]::new);
    Object ids = rows.stream().map(acted -> acted.row().certificateId()).toArray(Long[]::new);
    if (!session.test("SELECT audit.fence(?::text[], ?::bigint[])", entrypoints, ids)) {
      throw Publication.overtaken(
          String.join(", ", rows.stream().map(ActedFor::entrypoint).toList()), null);
    }
  }
}
