package io.guardedjdbc.refresher.db;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;

/** What must hold of a server before anything else is asked of it. */
public final class ServerCheck {
  /** The oldest server that the audit schema runs on, as {@code server_version_num}. */
  public static final int OLDEST = 140_000;

  private ServerCheck() {}

  /**
   * Answers {@code server_version_num}.
   *
   * @throws Failure {@link ExitCode#COULD_NOT_CHECK} on a server that is too old
   */
  public static int version(Session session) throws SQLException {
    int version =
        (int) session.number("SELECT pg_catalog.current_setting('server_version_num')::int");
    if (version < OLDEST) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "PostgreSQL "
              + session.text("SHOW server_version").orElse("?")
              + " is too old; 14 or newer is needed");
    }
    return version;
  }

  /** Refuses a standby, which can't be written to. */
  public static void requirePrimary(Session session) throws SQLException {
    if (session.test("SELECT pg_catalog.pg_is_in_recovery()")) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK, "This server is a read-only standby: connect to the primary");
    }
  }

  /**
   * Refuses a pooler that gives out server connections by the transaction: locks and settings of a
   * session don't hold there. Two idle clients of such a pooler are answered by one backend.
   */
  public static void requireOwnBackend(Session one, Session other) throws SQLException {
    long backend = one.number("SELECT pg_catalog.pg_backend_pid()");
    if (backend == other.number("SELECT pg_catalog.pg_backend_pid()")) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "The URL leads through a pooler that shares server connections between transactions (backend "
              + backend
              + " answers two of ours): no lock of a run holds there. Nothing was done; connect to the server itself, or to a pool of sessions");
    }
  }

  /** Refuses a database without our audit schema, or one that this user may not use. */
  public static void requireAudit(Session session) throws SQLException {
    String found =
        session
            .text(
                "SELECT CASE WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE') THEN 'ok' ELSE 'usage' END"
                    + " FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid"
                    + " WHERE n.nspname = 'audit' AND c.relname = 'entrypoint_policy'")
            .orElse("none");
    if (found.equals("none")) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "This database has no audit schema of ours. Run: refresher init STORE.yaml");
    }
    if (found.equals("usage")) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "No permission on schema audit. Run as its owner, or: GRANT USAGE ON SCHEMA audit TO "
              + session.text("SELECT pg_catalog.quote_ident(current_user)").orElse("CURRENT_USER"));
    }
  }

  /** Refuses a user who may look but not run: names the role that may. */
  public static void requireOperator(Session session) throws SQLException {
    requireAudit(session);
    boolean allowed =
        session.test(
            "SELECT pg_catalog.has_table_privilege('audit.entrypoint_policy', 'SELECT')"
                + " AND pg_catalog.has_table_privilege('audit.run', 'SELECT')"
                + " AND pg_catalog.has_function_privilege('audit.begin_run(text,text,text,text)', 'EXECUTE')");
    if (!allowed) {
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          session
              .first(
                  "SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(n.nspowner)), pg_catalog.quote_ident(current_user)"
                      + " FROM pg_catalog.pg_namespace n WHERE n.nspname = 'audit'",
                  row ->
                      "No permission to run the refresher here: schema audit belongs to "
                          + row.getString(1)
                          + ". Run as that role, or: GRANT "
                          + row.getString(1)
                          + " TO "
                          + row.getString(2))
              .orElse("No permission to run the refresher here"));
    }
  }
}
