package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.text.DurationText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Break-glass. */
@Command(
    name = "extend",
    description = {
      "Lets a certificate that only aged out stand once more: the cron host is dead, the data are fine.",
      "At most one maximum age, once a certificate. Nothing extends a FAILED or revoked one."
    })
final class ExtendCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store, or its entrypoint.")
  private String store = "";

  @Option(names = "--for", required = true, paramLabel = "DURATION", description = "How long.")
  private String span = "";

  @Option(names = "--reviewer", required = true, paramLabel = "NAME", description = "Who decided.")
  private String reviewer = "";

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason = "";

  ExtendCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    Duration duration = DurationText.required("--for", span);
    if (reviewer.isBlank() || reason.isBlank()) {
      throw new Failure(ExitCode.USAGE, "--reviewer and --reason must say something");
    }
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      StorePolicy policy = argument.policy(session);
      pin(session, policy);
      String until = extend(session, policy, duration);
      document.put("store", policy.store());
      document.put("entrypoint", policy.entrypoint());
      document.put("extended_by", reviewer);
      document.put("extended_until", until);
      out()
          .println(
              "extended by "
                  + reviewer
                  + " until "
                  + until
                  + ": "
                  + policy.entrypoint()
                  + ". Nothing was checked or refreshed. Next: refresher run "
                  + policy.store());
    }
    return ExitCode.OK;
  }

  private String extend(Session session, StorePolicy policy, Duration duration)
      throws SQLException {
    try {
      return RegisteredWork.in(
          session,
          policy.store(),
          "extend",
          host(),
          run ->
              session
                  .text(
                      "SELECT to_char(audit.extend_certificate(?, ?, ?::interval, ?, ?) AT TIME ZONE 'UTC',"
                          + " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                      run,
                      policy.store(),
                      duration.toString(),
                      reviewer,
                      reason)
                  .orElse(""));
    } catch (SQLException e) {
      if ("RG101".equals(e.getSQLState())) {
        throw new Failure(
            ExitCode.NOT_CERTIFIED,
            SqlFailures.message(e) + ". Run: refresher run " + policy.store(),
            e);
      }
      throw e;
    }
  }
}
