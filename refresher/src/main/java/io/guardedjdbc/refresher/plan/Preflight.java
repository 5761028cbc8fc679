package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What must hold before a run changes anything; all of what does not is told at once. */
public final class Preflight {
  private static final int MAINTAIN_SINCE = 170_000;

  private Preflight() {}

  /**
   * Checks the plan.
   *
   * @throws Failure {@link ExitCode#COULD_NOT_CHECK} when the user may not do it
   */
  public static void require(Session session, Plan plan, int serverVersion) throws SQLException {
    List<String> missing = new ArrayList<>();
    for (PlanStep step : plan.steps()) {
      if (step.kind() == PlanStep.Kind.REFRESH) {
        missing.addAll(missingPrivilege(session, step.object(), serverVersion));
      }
    }
    if (!missing.isEmpty()) {
      throw new Failure(ExitCode.COULD_NOT_CHECK, missing, null);
    }
  }

  /** What a run would stumble over as things stand: sentences for people, none of them final. */
  public static List<String> remarks(Session session, Plan plan) throws SQLException {
    List<String> remarks = new ArrayList<>();
    for (String store : plan.stores()) {
      RunUnderWay.of(session, store)
          .ifPresent(who -> remarks.add("a run of store " + store + " is under way: " + who));
    }
    for (String holder : new LockHolders(session).ofClosure(plan.policy().entrypoint())) {
      remarks.add("a lock is in the way now: " + holder);
    }
    remarks.addAll(
        session.list(
            "SELECT object || ' ' || remark FROM (SELECT * FROM audit.preflight(?)"
                + " UNION ALL SELECT * FROM audit.changed_by_hand(?)) r",
            row -> row.getString(1),
            plan.policy().store(),
            plan.policy().store()));
    return remarks;
  }

  private static List<String> missingPrivilege(Session session, String object, int serverVersion)
      throws SQLException {
    boolean maintain = serverVersion >= MAINTAIN_SINCE;
    String sql =
        "SELECT pg_catalog.format('%I', pg_catalog.pg_get_userbyid(c.relowner)),"
            + " pg_catalog.quote_ident(current_user)"
            + " FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(?)"
            + " AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')"
            + (maintain ? " AND NOT pg_catalog.has_table_privilege(c.oid, 'MAINTAIN')" : "");
    return session.list(
        sql,
        row ->
            "No permission to refresh "
                + object
                + ": it belongs to "
                + row.getString(1)
                + ". "
                + (maintain
                    ? "GRANT MAINTAIN ON " + object + " TO " + row.getString(2)
                    : "GRANT " + row.getString(1) + " TO " + row.getString(2)),
        object);
  }
}
