package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.db.Migrations;
import io.guardedjdbc.refresher.db.OurObjects;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes our things out of a database. */
@Command(
    name = "uninstall",
    description = {
      "Removes from the database what init and seal made, and nothing else. Stores are left as they are.",
      "What of the runbook was there before init stays, with the grants and constraints that it had."
    })
final class UninstallCommand extends DatabaseCommand {
  @Option(names = "--yes", description = "Really. Without it the objects are only listed.")
  private boolean yes;

  UninstallCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      session.begin();
      try {
        session.script(
            "CREATE TEMPORARY TABLE guard_ours (name text, is_table boolean) ON COMMIT DROP");
        session.run(
            "INSERT INTO pg_temp.guard_ours SELECT unnest(?::text[]), false",
            (Object) made(OurObjects::routines));
        session.run(
            "INSERT INTO pg_temp.guard_ours SELECT unnest(?::text[]), true",
            (Object) made(OurObjects::tables));
        remove(session);
        List<String> removed =
            session.list(
                "SELECT what FROM pg_temp.guard_uninstalled ORDER BY what",
                row -> row.getString(1));
        document.put("removed", yes);
        document.put("objects", removed);
        removed.forEach(out()::println);
        if (!yes) {
          throw new Failure(
              ExitCode.USAGE,
              removed.size()
                  + " objects of ours would be removed, and readers would be refused from then on. To do it: refresher uninstall --yes");
        }
        session.commit();
        out().println("removed: " + removed.size() + " objects");
      } finally {
        session.rollback();
      }
    }
    return ExitCode.OK;
  }

  private static void remove(Session session) throws SQLException {
    try {
      session.script(Migrations.script("uninstall.sql"));
    } catch (SQLException e) {
      String inTheWay = SqlFailures.dependents(e).orElseThrow(() -> e);
      throw new Failure(
          ExitCode.COULD_NOT_CHECK,
          "Nothing was removed, as it would take with it what somebody built on ours: "
              + inTheWay
              + ". Drop or redefine that first, then: refresher uninstall",
          e);
    }
  }

  /** What the migrations of this program make. */
  private String[] made(Function<String, List<String>> objects) {
    return new Migrations(target())
        .all().stream()
            .flatMap(script -> objects.apply(Migrations.sql(script)).stream())
            .distinct()
            .toArray(String[]::new);
  }
}
