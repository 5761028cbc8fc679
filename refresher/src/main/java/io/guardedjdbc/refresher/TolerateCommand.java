package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.Tolerances;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets drift of the last days only warn, for a while. */
@Command(
    name = "tolerate",
    description = {
      "Lets drift of the last days only warn, under a name and until it expires; status shows it.",
      "A day that vanished is no drift: it still blocks."
    })
final class TolerateCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store, or its entrypoint.")
  private String store = "";

  @Option(names = "--name", required = true, paramLabel = "NAME", description = "Of the policy.")
  private String name = "";

  @Option(
      names = "--last-days",
      paramLabel = "N",
      description = "Days before the newest one of the store, that one included.")
  private int lastDays;

  @Option(names = "--for", paramLabel = "DURATION", description = "When it expires.")
  private String span = "";

  @Option(names = "--reviewer", paramLabel = "NAME", description = "Who decided.")
  private String reviewer = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
  private String reason = "";

  @Option(names = "--end", description = "End the policy of this name now.")
  private boolean end;

  TolerateCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    StoreArgument argument = StoreArgument.of(store);
    if (!end && (lastDays < 1 || reviewer.isBlank() || reason.isBlank() || name.isBlank())) {
      throw new Failure(
          ExitCode.USAGE,
          "tolerate needs --name, --last-days (at least 1), --for, --reviewer and --reason; or --name and --end");
    }
    Duration duration = end ? Duration.ZERO : DurationText.required("--for", span);
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      String known = argument.policy(session).store();
      Tolerances tolerances = new Tolerances(session);
      document.put("store", known);
      document.put("name", name);
      if (end) {
        if (!tolerances.end(known, name)) {
          throw new Failure(
              ExitCode.USAGE, "Store " + known + " has no tolerance '" + name + "' in force");
        }
        out().println("tolerance " + name + " of store " + known + " is over");
      } else {
        String until = tolerances.grant(known, name, lastDays, duration, reviewer, reason);
        document.put("expires_at", until);
        out().println("tolerance " + name + " of store " + known + " in force until " + until);
      }
    }
    return ExitCode.OK;
  }
}
