package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.baseline.Baselines;
import io.guardedjdbc.refresher.baseline.Difference;
import io.guardedjdbc.refresher.baseline.Proposal;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Computes what would become the new reference. */
@Command(
    name = "propose",
    description = "Computes what would become the new reference, and shows how it differs.")
final class ProposeCommand extends DatabaseCommand {
  private static final int MOST = 30;

  @Parameters(paramLabel = "STORE", description = "A store that the database knows, or its file.")
  private String store = "";

  ProposeCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      ServerCheck.requirePrimary(session);
      StorePolicy policy = argument.policy(session);
      pin(session, policy);
      List<Proposal> proposals = new Baselines(session).propose(policy.store());
      document.put("store", policy.store());
      document.put("proposals", proposals.stream().map(Proposal::json).toList());
      proposals.forEach(this::print);
      if (proposals.isEmpty()) {
        out().println("Store " + policy.store() + " has no gate that needs a baseline.");
      }
    }
    return ExitCode.OK;
  }

  private void print(Proposal proposal) {
    out()
        .printf(
            Locale.ROOT,
            "proposal %d: %s, %d %s, %d changed. %s%n",
            proposal.id(),
            proposal.kind(),
            proposal.size(),
            proposal.kind().equals("dataset") ? "days" : "objects",
            proposal.changed(),
            proposal.message());
    proposal.differences().stream().limit(MOST).forEach(this::print);
    if (proposal.differences().size() > MOST) {
      out().println("  and " + (proposal.differences().size() - MOST) + " more: --json shows all");
    }
    out()
        .println(
            "  Next, after review: refresher baseline approve "
                + proposal.id()
                + " --reviewer NAME --reason TEXT");
  }

  private void print(Difference difference) {
    out().println("  " + difference.change() + " " + difference.object());
    difference.detail().stream().limit(MOST).forEach(line -> out().println("      " + line));
  }
}
