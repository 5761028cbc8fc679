package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was certified when, by the order of a server's commits; read on, never anew. */
final class History {
  /**
   * One row of the certificates' history.
   *
   * @param state what the gates saw in the transaction that published it; null: it certifies
   *     nothing
   * @param knownNanos when its commit was surely over
   */
  record Entry(
      long id,
      long chain,
      boolean certified,
      @Nullable String state,
      long certifiedMillis,
      long maxAgeMillis,
      long leaseNanos,
      long knownNanos) {}

  /** Numbers are drawn before their commits: one that was missing may still come. */
  private static final int LATE = 200;

  private static final String SQL =
      """
      SELECT h.history_id, h.entrypoint, h.certificate_id, h.chain_start,
        upper(h.status) = 'CERTIFIED' AND h.operation IN ('INSERT', 'UPDATE'),
        c.state, (extract(epoch FROM h.certified_at) * 1000)::bigint,
        (extract(epoch FROM (h.row_after ->> 'max_age')::interval) * 1000)::bigint,
        (extract(epoch FROM h.lease) * 1000000000)::bigint
      FROM audit.certificate_history h LEFT JOIN proof.certified c USING (history_id)
      WHERE h.history_id >\s""";

  /** Who reads a view and must wait for somebody who refreshes it. */
  private static final String WAITING =
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock' AND relation IN"
          + " (SELECT oid FROM pg_class WHERE relkind = 'm' AND relnamespace = 'proof'::regnamespace)";

  private final ProofStore store;
  private final Map<String, NavigableMap<Long, Entry>> entries = new HashMap<>();
  private @Nullable Connection connection;
  private long last;

  History(ProofStore store) {
    this.store = store;
  }

  /** Learns what has been committed since; gives how many readers wait for a view's lock. */
  long readOn() throws SQLException {
    try {
      Connection open = connection;
      if (open == null) {
        open = store.connect();
        connection = open;
      }
      try (Statement statement = open.createStatement()) {
        try (ResultSet rows = statement.executeQuery(SQL + (last - LATE) + " ORDER BY 1")) {
          add(rows, ReaderClock.system().monotonicNanos());
        }
        try (ResultSet row = statement.executeQuery(WAITING)) {
          return row.next() ? row.getLong(1) : 0;
        }
      }
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  private void add(ResultSet rows, long now) throws SQLException {
    while (rows.next()) {
      last = Math.max(last, rows.getLong(1));
      long age = rows.getLong(8);
      boolean aged = !rows.wasNull();
      Entry entry =
          new Entry(
              rows.getLong(3),
              rows.getLong(4),
              rows.getBoolean(5),
              rows.getString(6),
              rows.getLong(7),
              aged ? age : Duration.ofHours(24).toMillis(),
              rows.getLong(9),
              now);
      // A deleted row's id was a certificate's before: its end lies right behind it.
      long key = 2 * entry.id() + (entry.certified() ? 0 : 1);
      of(rows.getString(2)).putIfAbsent(key, entry);
    }
  }

  void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is gone either way.
      }
    }
  }

  private NavigableMap<Long, Entry> of(String entrypoint) {
    return entries.computeIfAbsent(entrypoint, name -> new TreeMap<>());
  }

  /** The certificate, even one that is none any more; null: there was none of this id. */
  @Nullable Entry certificate(String entrypoint, long id) {
    return of(entrypoint).get(2 * id);
  }

  /** What followed, certificates and ends, in their order, from this certificate on. */
  Iterable<Entry> from(String entrypoint, long id) {
    return of(entrypoint).tailMap(2 * id).values();
  }

  /** What took a certificate, and all that went on from it, away; null: nothing did. */
  @Nullable Entry endOf(String entrypoint, long id) {
    for (Entry later : of(entrypoint).tailMap(2 * id + 1).values()) {
      if (!later.certified() || later.chain() > id) {
        return later;
      }
    }
    return null;
  }

  /** The first certificate after this one; null: there is none yet. */
  @Nullable Entry certifiedAfter(String entrypoint, long id) {
    for (Entry later : of(entrypoint).tailMap(2 * id + 1).values()) {
      if (later.certified()) {
        return later;
      }
    }
    return null;
  }

  boolean everCertified(String entrypoint, String state) {
    return of(entrypoint).values().stream().anyMatch(entry -> state.equals(entry.state()));
  }
}
