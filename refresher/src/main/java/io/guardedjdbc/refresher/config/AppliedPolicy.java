package io.guardedjdbc.refresher.config;

import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.text.KeyLines;
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
    /** The database held another configuration, or somebody had changed it by hand. */
    CHANGED,
    /** Nothing was written. */
    UNCHANGED
  }

  /** Copies the list. */
  public AppliedPolicy {
    loosened = List.copyOf(loosened);
  }

  /**
   * Writes the configuration of a file, unless the database holds the same already.
   *
   * @param always write it even then: what was generated from it may be older than this program
   * @throws Failure {@link ExitCode#USAGE} with all that does not fit this database, and its lines
   */
  public static AppliedPolicy apply(Session session, StoreArgument file, boolean always)
      throws SQLException {
    StoreConfig config = file.config().orElseThrow();
    PolicyDocument document = PolicyDocument.of(config);
    Optional<String> before =
        session.text("SELECT config FROM audit.entrypoint_policy WHERE store = ?", config.store());
    boolean same =
        session.test(
            "SELECT EXISTS (SELECT FROM audit.entrypoint_policy WHERE store = ? AND config_digest = ?)"
                + " AND NOT EXISTS (SELECT FROM audit.changed_by_hand(?))",
            config.store(),
            document.digest(),
            config.store());
    if (same && !always) {
      return new AppliedPolicy(config.store(), State.UNCHANGED, List.of());
    }
    ServerCheck.requirePrimary(session);
    requireFitting(session, file);
    write(session, document, file.lines());
    State state = before.isEmpty() ? State.NEW : same ? State.UNCHANGED : State.CHANGED;
    List<String> loosened =
        session.list(
            "SELECT l FROM audit.loosened(?::jsonb, ?::jsonb) l",
            row -> row.getString(1),
            before.orElse("{}"),
            document.json());
    return new AppliedPolicy(config.store(), state, before.isEmpty() ? List.of() : loosened);
  }

  /**
   * Refuses a file that does not fit this database: by names that are nowhere, and the like.
   *
   * @throws Failure {@link ExitCode#USAGE} with a line a complaint
   */
  public static void requireFitting(Session session, StoreArgument file) throws SQLException {
    requireNone(complaints(session, file), file.lines());
  }

  private static List<String> complaints(Session session, StoreArgument file) throws SQLException {
    KeyLines lines = file.lines();
    return session.list(
        "SELECT places, complaint FROM audit.policy_complaints(?::jsonb)",
        row -> {
          List<String> places = Session.texts(row.getArray("places"));
          return lines.at(lines.present(places.toArray(new String[0])), row.getString("complaint"));
        },
        PolicyDocument.of(file.config().orElseThrow()).json());
  }

  private static void requireNone(List<String> complaints, KeyLines lines) {
    if (!complaints.isEmpty()) {
      throw StoreFile.failure(lines.file(), complaints);
    }
  }

  private static void write(Session session, PolicyDocument document, KeyLines lines)
      throws SQLException {
    try {
      session.run("SELECT audit.apply_policy(?::jsonb, ?)", document.json(), document.digest());
    } catch (SQLException e) {
      if (SqlFailures.isCycle(e)) {
        String edges = lines.present("edges", "sql_steps");
        requireNone(
            List.of(lines.at(edges, SqlFailures.message(e) + ". Take one of its edges out")),
            lines);
      }
      throw e;
    }
  }
}
