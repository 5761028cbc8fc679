package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.Baselines;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a proposal the reference. */
@Command(
    name = "approve",
    description = "Makes a proposal the reference; the one before is kept, with who, when and why.")
final class ApproveCommand extends DatabaseCommand {
  @Parameters(arity = "1..*", paramLabel = "PROPOSAL", description = "Numbers that propose gave.")
  private List<Long> proposals = List.of();

  @Option(names = "--reviewer", required = true, paramLabel = "NAME", description = "Who reviewed.")
  private String reviewer = "";

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why it is right.")
  private String reason = "";

  @Option(
      names = "--git-commit",
      paramLabel = "HASH",
      description = "The commit of the change that was reviewed.")
  private @Nullable String gitCommit;

  ApproveCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    if (reviewer.isBlank() || reason.isBlank()) {
      throw new Failure(ExitCode.USAGE, "--reviewer and --reason must say something");
    }
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      List<String> done = new ArrayList<>();
      session.begin(); // all of them, or none
      try {
        for (long proposal : proposals) {
          done.add(
              "proposal "
                  + proposal
                  + " is now the reference of store "
                  + approve(session, proposal));
        }
        session.commit();
      } finally {
        session.rollback();
      }
      done.forEach(out()::println);
      document.put("approved", proposals);
    }
    return ExitCode.OK;
  }

  private String approve(Session session, long proposal) throws SQLException {
    Baselines baselines = new Baselines(session);
    String store =
        baselines
            .storeOf(proposal)
            .orElseThrow(
                () ->
                    new Failure(
                        ExitCode.USAGE,
                        "There is no proposal "
                            + proposal
                            + ". Nothing was approved. Run: refresher baseline propose STORE"));
    try {
      baselines.approve(proposal, reviewer, reason, Optional.ofNullable(gitCommit));
    } catch (SQLException e) {
      if ("22023".equals(e.getSQLState())) {
        throw new Failure(
            ExitCode.USAGE,
            SqlFailures.message(e)
                + ". Nothing was approved. Those that wait for review: refresher baseline list",
            e);
      }
      throw e;
    }
    return store;
  }
}
