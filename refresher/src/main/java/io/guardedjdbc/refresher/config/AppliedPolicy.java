package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.db.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

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
    Optional<String> before =
        session.text("SELECT config FROM audit.entrypoint_policy WHERE store = ?", config.store());
    boolean same =
        session.test(
            "SELECT EXISTS (SELECT FROM audit.entrypoint_policy WHERE store = ? AND config_digest = ?)",
            config.store(),
            document.digest());
    if (same && !always) {
      return new AppliedPolicy(config.store(), State.UNCHANGED, List.of());
    }
    session.run("SELECT audit.apply_policy(?::jsonb, ?)", document.json(), document.digest());
    State state = before.isEmpty() ? State.NEW : same ? State.UNCHANGED : State.CHANGED;
    List<String> loosened =
        session.list(
            "SELECT l FROM audit.loosened(?::jsonb, ?::jsonb) l",
            row -> row.getString(1),
            before.orElse("{}"),
            document.json());
    return new AppliedPolicy(config.store(), state, before.isEmpty() ? List.of() : loosened);
  }
}
