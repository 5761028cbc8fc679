package io.guardedjdbc.refresher.plan;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What must hold before an atomic run changes anything; all of what does not is told at once. */
public final class Preflight {
  private static final int MAINTAIN_SINCE = 170_000;

  private Preflight() {}

  /**
   * Checks the plan.
   *
   * @throws Failure {@link ExitCode#USAGE} when a step can't be part of an atomic run, {@link
   *     ExitCode#COULD_NOT_CHECK} when the user may not do it
   */
  public static void require(Session session, Plan plan, int serverVersion) throws SQLException {
    requireMode(plan);
    List<String> missing = new ArrayList<>();
    for (PlanStep step : plan.steps()) {
      if (step.kind() == PlanStep.Kind.REFRESH) {
        missing.addAll(missingPrivilege(session, step.object(), serverVersion));
      }
    }
    if (!missing.isEmpty()) {
      throw new Failure(ExitCode.COULD_NOT_CHECK, missing, null);
    }
    if (!plan.notAtomic().isEmpty()) {
      throw new Failure(ExitCode.USAGE, notAtomic(plan), null);
    }
  }

  /**
   * Checks the publish mode alone, which needs no look at the database.
   *
   * @throws Failure {@link ExitCode#USAGE} when it is not built
   */
  public static void requireMode(Plan plan) {
    if (!plan.policy().publishMode().equals("atomic")) {
      throw notInThisVersion(plan.policy().publishMode());
    }
  }

  /** The refusal of a publish mode that is not built. */
  public static Failure notInThisVersion(String mode) {
    return new Failure(
        ExitCode.USAGE,
        "Publish mode '"
            + mode.toLowerCase(Locale.ROOT)
            + "' is not in this version: use atomic (publish: atomic in the store's file, or --mode atomic)");
  }

  private static List<String> notAtomic(Plan plan) {
    List<String> lines = new ArrayList<>();
    for (PlanStep step : plan.notAtomic()) {
      lines.add(
          step.object()
              + " can't be refreshed CONCURRENTLY: "
              + step.reason().orElse("no reason given")
              + ". "
              + advice(step));
    }
    lines.add(
        "Store " + plan.policy().store() + " can't be published atomically; nothing was changed");
    return lines;
  }

  private static String advice(PlanStep step) {
    String reason = step.reason().orElse("").toLowerCase(Locale.ROOT);
    return reason.contains("populated")
        ? "Fill it once: REFRESH MATERIALIZED VIEW " + step.object()
        : "Give it a unique index on plain columns, without WHERE: CREATE UNIQUE INDEX ON "
            + step.object()
            + " (KEY COLUMNS)";
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
