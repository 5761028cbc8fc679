package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.KnownBaseline;
import io.guardedjdbc.refresher.baseline.Tolerances;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Who approved what, when, why. */
@Command(
    name = "history",
    description = "Lists all baselines and tolerances of a store: who, when, why, which commit.")
final class BaselineHistoryCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store, or its entrypoint.")
  private String store = "";

  BaselineHistoryCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      String name = argument.policy(session).store();
      List<KnownBaseline> known = KnownBaseline.history(session, name);
      List<String> tolerances = new Tolerances(session).history(name);
      document.put("store", name);
      document.put("baselines", known.stream().map(KnownBaseline::json).toList());
      document.put("tolerances", tolerances);
      known.forEach(baseline -> out().println(baseline.line()));
      tolerances.forEach(out()::println);
    }
    return ExitCode.OK;
  }
}
