package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.AppliedPolicy;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StoreConfig;
import io.guardedjdbc.refresher.db.Migrations;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets the database up, or brings it up to date. */
@Command(
    name = "init",
    description = {
      "Creates or upgrades the audit schema, then writes each store's configuration.",
      "Safe to repeat. Objects of yours are left alone."
    })
final class InitCommand extends DatabaseCommand {
  @Parameters(arity = "0..*", paramLabel = "STORE.yaml", description = "Stores to set up.")
  private List<String> files = List.of();

  @Option(names = "--dry-run", description = "Print the SQL that would be run; change nothing.")
  private boolean dryRun;

  InitCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    List<StoreArgument> stores = read(files);
    try (Session session = open(Access.NONE)) {
      ServerCheck.requirePrimary(session);
      Migrations migrations = new Migrations(target());
      List<String> pending = migrations.pending();
      document.put("dry_run", dryRun);
      document.put("migrations", pending);
      if (dryRun) {
        pending.forEach(this::print);
        out()
            .printf(
                Locale.ROOT,
                "-- %d migrations, %d stores. Nothing was changed.%n",
                pending.size(),
                stores.size());
        return ExitCode.OK;
      }
      requireEntrypoints(session, stores);
      List<String> demands = demands(session);
      migrations.apply();
      tell(pending);
      document.put("registry_loosened", loosened(demands, demands(session)));
      document.put("stores", apply(session, stores));
    }
    return ExitCode.OK;
  }

  private static List<StoreArgument> read(List<String> files) {
    List<StoreArgument> arguments = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    for (String file : files) {
      try {
        StoreArgument argument = StoreArgument.of(file);
        arguments.add(argument);
        if (argument.config().isEmpty()) {
          complaints.add("init takes files: '" + file + "' is none");
        }
      } catch (Failure e) {
        complaints.addAll(e.lines());
      }
    }
    if (!complaints.isEmpty()) {
      throw new Failure(ExitCode.USAGE, complaints, null);
    }
    return StoreArgument.once(arguments);
  }

  /** Before the schema is made: a file that can't be written down is no reason to have one. */
  private static void requireEntrypoints(Session session, List<StoreArgument> stores)
      throws SQLException {
    List<String> complaints = new ArrayList<>();
    for (StoreArgument store : stores) {
      String entrypoint = config(store).entrypoint();
      if (!session.test("SELECT pg_catalog.to_regclass(?) IS NOT NULL", entrypoint)) {
        complaints.add(
            store
                .lines()
                .at(
                    "entrypoint",
                    "the entrypoint " + entrypoint + " does not exist. Nothing was done"));
      }
    }
    if (!complaints.isEmpty()) {
      throw new Failure(ExitCode.USAGE, complaints, null);
    }
  }

  private void print(String script) {
    out().println("-- " + script);
    out().println(Migrations.sql(script));
  }

  private void tell(List<String> applied) {
    if (applied.isEmpty()) {
      out().println("audit schema: up to date");
    }
    applied.forEach(script -> out().println("audit schema: applied " + script));
  }

  /** What a registry that was there before us asks of its rows. */
  private static List<String> demands(Session session) throws SQLException {
    return session.list(
        "SELECT pg_catalog.format('NOT NULL of column %I', a.attname) FROM pg_catalog.pg_attribute a"
            + " WHERE a.attrelid = pg_catalog.to_regclass('audit.t0_cert_registry')"
            + " AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull"
            + " UNION ALL SELECT pg_catalog.format('constraint %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid))"
            + " FROM pg_catalog.pg_constraint k WHERE k.contype = 'c'"
            + " AND k.conrelid = pg_catalog.to_regclass('audit.t0_cert_registry') ORDER BY 1",
        row -> row.getString(1));
  }

  private List<String> loosened(List<String> before, List<String> after) {
    List<String> dropped = before.stream().filter(demand -> !after.contains(demand)).toList();
    dropped.forEach(
        demand ->
            out()
                .println(
                    "audit.t0_cert_registry: dropped "
                        + demand
                        + ": a closed store could not be written down"));
    return dropped;
  }

  private static void requireFitting(Session session, List<StoreArgument> stores)
      throws SQLException {
    List<String> complaints = new ArrayList<>();
    for (StoreArgument store : stores) {
      try {
        AppliedPolicy.requireFitting(session, store);
      } catch (Failure e) {
        complaints.addAll(e.lines());
      }
    }
    if (!complaints.isEmpty()) {
      throw new Failure(ExitCode.USAGE, complaints, null);
    }
  }

  private static StoreConfig config(StoreArgument file) {
    return file.config().orElseThrow();
  }

  private List<Map<String, Object>> apply(Session session, List<StoreArgument> stores)
      throws SQLException {
    requireFitting(session, stores);
    List<AppliedPolicy> policies = new ArrayList<>();
    session.begin(); // all of them, or none
    try {
      for (StoreArgument store : stores) {
        policies.add(AppliedPolicy.apply(session, store, true));
      }
      session.commit();
    } finally {
      session.rollback();
    }
    List<Map<String, Object>> done = new ArrayList<>();
    for (StoreConfig store : stores.stream().map(InitCommand::config).toList()) {
      AppliedPolicy applied = policies.get(done.size());
      String state = applied.state().name().toLowerCase(Locale.ROOT);
      out().println("store " + store.store() + ": " + state + ", entrypoint " + store.entrypoint());
      applied.loosened().forEach(line -> out().println("  looser than before: " + line));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("store", store.store());
      json.put("entrypoint", store.entrypoint());
      json.put("state", state);
      json.put("loosened", applied.loosened());
      List<String> kept =
          session.list("SELECT audit.kept_procedures(?)", row -> row.getString(1), store.store());
      kept.forEach(name -> out().println("  " + name + " was here before and stays as it is"));
      json.put("kept", kept);
      done.add(json);
    }
    return done;
  }
}
