package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What writing a store's configuration into the database changed.
 *
 * @param state new, changed or unchanged
 * @param loosened what the new configuration no longer checks, or checks less; a person should see
 *     it
 */
public record AppliedPolicy(String store, State state, List<String> loosened) {
  /** How the database's copy stood to the file. */
  public enum State {
    /** The database did not know the store. */
    NEW,
    /** The database held another configuration. */
    CHANGED,
    /** Nothing was written. */
    UNCHANGED
  }

  /** Copies the list. */
  public AppliedPolicy {
    loosened = List.copyOf(loosened);
  }

  /**
   * Writes the configuration, unless the database holds the same already.
   *
   * @param always write it even then: what was generated from it may be older than this program
   */
  public static AppliedPolicy apply(Session session, StoreConfig config, boolean always)
      throws SQLException {
    PolicyDocument document = PolicyDocument.of(config);
    Set<String> digests =
        new TreeSet<>(
            session.list(
                "SELECT config_digest FROM audit.entrypoint_policy WHERE store = ?",
                row -> row.getString(1),
                config.store()));
    boolean same = digests.contains(document.digest());
    if (same && !always) {
      return new AppliedPolicy(config.store(), State.UNCHANGED, List.of());
    }
    Map<String, String> gatesBefore = gates(session, config.store());
    Set<String> forbiddenBefore = forbidden(session, config.store());
    session.run("SELECT audit.apply_policy(?::jsonb, ?)", document.json(), document.digest());
    List<String> loosened = new ArrayList<>();
    Map<String, String> gatesNow = gates(session, config.store());
    gatesBefore.forEach(
        (gate, severity) -> {
          String now = gatesNow.get(gate);
          if (now == null) {
            loosened.add("gate " + gate + " is no longer run");
          } else if (severity.equals("block") && now.equals("warn")) {
            loosened.add("gate " + gate + " only warns now");
          }
        });
    forbiddenBefore.removeAll(forbidden(session, config.store()));
    forbiddenBefore.forEach(pattern -> loosened.add(pattern + " is no longer forbidden"));
    State state = digests.isEmpty() ? State.NEW : same ? State.UNCHANGED : State.CHANGED;
    return new AppliedPolicy(config.store(), state, loosened);
  }

  private static Map<String, String> gates(Session session, String store) throws SQLException {
    Map<String, String> gates = new LinkedHashMap<>();
    session.list(
        "SELECT gate, severity FROM audit.gate_setting WHERE store = ? ORDER BY gate",
        row -> gates.put(row.getString(1), row.getString(2)) == null,
        store);
    return gates;
  }

  private static Set<String> forbidden(Session session, String store) throws SQLException {
    return new TreeSet<>(
        session.list(
            "SELECT pattern FROM audit.relation_rule WHERE store = ? AND rule = 'forbidden'",
            row -> row.getString(1),
            store));
  }
}
