package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.Baselines;
import io.guardedjdbc.refresher.baseline.Difference;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How a baseline differs from the one before it. */
@Command(
    name = "diff",
    description = "Shows how a proposal or a baseline differs from the one approved before it.")
final class BaselineDiffCommand extends DatabaseCommand {
  @Parameters(paramLabel = "BASELINE", description = "Its number.")
  private long baseline;

  BaselineDiffCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    try (Session session = open(Access.OPERATE)) {
      Baselines baselines = new Baselines(session);
      String store =
          baselines
              .storeOf(baseline)
              .orElseThrow(() -> new Failure(ExitCode.USAGE, "There is no baseline " + baseline));
      List<Difference> differences = baselines.differences(baseline);
      document.put("store", store);
      document.put("baseline_id", baseline);
      document.put("differences", differences.stream().map(Difference::json).toList());
      for (Difference difference : differences) {
        out().println(difference.change() + " " + difference.object());
        difference.detail().forEach(line -> out().println("    " + line));
      }
      out().println(differences.isEmpty() ? "no difference" : differences.size() + " differ");
    }
    return ExitCode.OK;
  }
}
