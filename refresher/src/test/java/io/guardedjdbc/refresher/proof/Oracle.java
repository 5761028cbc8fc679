package io.guardedjdbc.refresher.proof;

import io.guardedjdbc.registry.ReaderClock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Knows what was certified when, by the order of the server's commits, and judges every read by it.
 * A read is judged on the history as it was found after the read had ended.
 */
final class Oracle {
  /**
   * One row of the certificates' history.
   *
   * @param state what the gates saw in the transaction that published it; null: it certifies
   *     nothing
   * @param knownNanos when its commit was surely over
   */
  private record Certificate(
      long id,
      long chain,
      boolean certified,
      @Nullable String state,
      long certifiedMillis,
      long maxAgeMillis,
      long leaseNanos,
      long knownNanos) {}

  private final ProofStore store;
  private final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
  private final Map<String, NavigableMap<Long, Certificate>> history = new HashMap<>();
  private final AtomicLong judged = new AtomicLong();
  private long last;

  Oracle(ProofStore store) {
    this.store = store;
  }

  void released(Read read) {
    reads.add(read);
  }

  void violation(String what) {
    violations.add(what);
  }

  long judged() {
    return judged.get();
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  /** Reads the history on, then judges what had been read before. */
  void judge() throws SQLException {
    List<Read> ended = new ArrayList<>();
    for (Read read = reads.poll(); read != null; read = reads.poll()) {
      ended.add(read);
    }
    try {
      readOn();
    } catch (SQLException e) {
      reads.addAll(ended);
      throw e;
    }
    for (Read read : ended) {
      judged.incrementAndGet();
      String broken = broken(read);
      if (broken != null) {
        violations.add(broken + ": " + read);
      }
    }
  }

  private void readOn() throws SQLException {
    try (Connection connection = store.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT h.history_id, h.entrypoint, h.certificate_id, h.chain_start,"
                    + " upper(h.status) = 'CERTIFIED' AND h.operation IN ('INSERT', 'UPDATE'),"
                    + " c.state, (extract(epoch FROM h.certified_at) * 1000)::bigint,"
                    + " (extract(epoch FROM (h.row_after ->> 'max_age')::interval) * 1000)::bigint,"
                    + " (extract(epoch FROM h.lease) * 1000000000)::bigint"
                    + " FROM audit.certificate_history h LEFT JOIN proof.certified c USING (history_id)"
                    + " WHERE h.history_id > "
                    + (last - 200)
                    + " ORDER BY h.history_id")) {
      long now = ReaderClock.system().monotonicNanos();
      while (rows.next()) {
        last = Math.max(last, rows.getLong(1));
        long age = rows.getLong(8);
        boolean aged = !rows.wasNull();
        Certificate certificate =
            new Certificate(
                rows.getLong(3),
                rows.getLong(4),
                rows.getBoolean(5),
                rows.getString(6),
                rows.getLong(7),
                aged ? age : Duration.ofHours(24).toMillis(),
                rows.getLong(9),
                now);
        // A deleted row's id was a certificate's before: its end lies right behind it.
        long key = 2 * certificate.id() + (certificate.certified() ? 0 : 1);
        history
            .computeIfAbsent(rows.getString(2), name -> new TreeMap<>())
            .putIfAbsent(key, certificate);
      }
    }
  }

  private @Nullable String broken(Read read) {
    if (!read.good()) {
      return "G1: rows that a gate would not let pass";
    }
    if (read.states().size() > 1) {
      return "G1: rows of several states in one statement";
    }
    if (read.inOneSnapshot().size() > 1) {
      return "G1: several states in one snapshot " + read.inOneSnapshot();
    }
    if (read.rows() != ProofStore.ROWS) {
      return "G1: " + read.rows() + " rows of " + ProofStore.ROWS;
    }
    String state = read.states().iterator().next();
    if (read.lineage().certificates().isEmpty()) {
      return everCertified(read.entrypoint(), state) ? null : "G1: never certified";
    }
    for (String covered : read.lineage().certificates()) {
      String broken = broken(read, covered, state);
      if (broken != null) {
        return broken;
      }
    }
    return null;
  }

  private boolean everCertified(String entrypoint, String state) {
    return history.getOrDefault(entrypoint, new TreeMap<>()).values().stream()
        .anyMatch(certificate -> state.equals(certificate.state()));
  }

  private @Nullable String broken(Read read, String covered, String state) {
    int equals = covered.lastIndexOf('=');
    String entrypoint = covered.substring(0, equals);
    String[] ends = covered.substring(equals + 1).split("\\.\\.", -1);
    if (!ends[0].matches("\\d+")) {
      return "G4: a lineage that nobody can read, " + covered;
    }
    long first = Long.parseLong(ends[0]);
    long to = Long.parseLong(ends[ends.length - 1]);
    boolean leased = read.lineage().leased();
    NavigableMap<Long, Certificate> rows = history.getOrDefault(entrypoint, new TreeMap<>());
    Certificate end = endOf(rows, to);
    Certificate looked = rows.get(2 * to);
    long grace = leased && looked != null ? looked.leaseNanos() : 0;
    if (end != null && read.beganNanos() - end.knownNanos() > grace) {
      return "G2: sent "
          + (read.beganNanos() - end.knownNanos()) / 1_000_000
          + " ms after the end of "
          + to;
    }
    List<Certificate> named =
        rows.tailMap(2 * first).values().stream()
            .filter(
                row -> row.certified() && state.equals(row.state()) && (leased || row.id() <= to))
            .toList();
    if (named.isEmpty()) {
      if (leased && end != null && isOfSomebodyElse(state)) {
        return null; // What was changed in a sealed store, within one lease of it.
      }
      return everCertified(entrypoint, state)
          ? "G4: not covered by " + covered
          : "G1: never certified for " + entrypoint;
    }
    boolean aged =
        named.stream()
            .allMatch(row -> read.beganMillis() > row.certifiedMillis() + row.maxAgeMillis());
    return aged ? "G1: too old" : null;
  }

  /** Somebody who is no refresher gives negative generations. */
  private static boolean isOfSomebodyElse(String state) {
    return state.startsWith("-") || state.contains(":-");
  }

  /** What took a certificate, and all that went on from it, away; null: nothing did. */
  private static @Nullable Certificate endOf(NavigableMap<Long, Certificate> rows, long id) {
    for (Certificate later : rows.tailMap(2 * id + 1).values()) {
      if (!later.certified() || later.chain() > id) {
        return later;
      }
    }
    return null;
  }
}
