package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.KnownBaseline;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** What is approved, what waits for review. */
@Command(
    name = "list",
    description = "Lists approved baselines, and the newest proposals that wait for review.")
final class BaselineListCommand extends DatabaseCommand {
  BaselineListCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    try (Session session = open(Access.OPERATE)) {
      List<KnownBaseline> known = KnownBaseline.open(session);
      document.put("baselines", known.stream().map(KnownBaseline::json).toList());
      known.forEach(baseline -> out().println(baseline.line()));
    }
    return ExitCode.OK;
  }
}
