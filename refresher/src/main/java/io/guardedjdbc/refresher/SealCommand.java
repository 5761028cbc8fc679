package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts the seal on a store, or takes it off. */
@Command(
    name = "seal",
    description = {
      "Lets whatever others change in the closure revoke the certificate at once.",
      "That is a refresh, a new definition, or a write to a table that is read live, in the transaction that does it.",
      "Needs a superuser, or what the managed service has in its place."
    })
final class SealCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store, or its entrypoint.")
  private String store = "";

  @Option(names = "--remove", description = "Take the seal off.")
  private boolean remove;

  SealCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      StorePolicy policy = argument.policy(session);
      List<Map<String, Object>> objects = work(session, policy.store());
      document.put("store", policy.store());
      document.put("sealed", !remove);
      document.put("objects", objects);
      objects.forEach(object -> out().println(object.get("kind") + "  " + object.get("object")));
      out().println("store " + policy.store() + (remove ? ": the seal is off" : ": sealed"));
    }
    return ExitCode.OK;
  }

  private List<Map<String, Object>> work(Session session, String name) throws SQLException {
    try {
      return RegisteredWork.in(
          session,
          name,
          remove ? "seal --remove" : "seal",
          host(),
          run -> {
            if (remove) {
              session.test("SELECT audit.unseal_store(?)", name);
              return List.of();
            }
            return session.list(
                "SELECT object, kind FROM audit.seal_store(?)",
                row -> {
                  Map<String, Object> json = new LinkedHashMap<>();
                  json.put("object", row.getString(1));
                  json.put("kind", row.getString(2));
                  return json;
                },
                name);
          });
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new Failure(ExitCode.COULD_NOT_CHECK, needed(e), e);
      }
      throw e;
    }
  }

  private static String needed(SQLException e) {
    return "No permission to seal: "
        + SqlFailures.message(e)
        + ". Event triggers need a superuser, or what the managed service has in its place"
        + " (rds_superuser, azure_pg_admin, cloudsqlsuperuser); triggers need TRIGGER on the tables"
        + " read live, or their owner. Run seal once as such a role. Nothing was changed";
  }
}
