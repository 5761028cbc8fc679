package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.Preflight;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Refresh, certify, publish. */
@Command(
    name = "run",
    description = {
      "Refreshes a store, runs its gates, and publishes data and certificate in one commit.",
      "Readers keep the last certified rows until that commit."
    })
final class RunCommand extends CycleCommand {
  private static final List<String> KNOWN = List.of("atomic", "staged", "blocking");

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "atomic",
      description = "atomic. (staged and blocking are not in this version.)")
  private String mode = "atomic";

  RunCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) {
    if (!KNOWN.contains(mode)) {
      throw new Failure(
          ExitCode.USAGE, "--mode is '" + mode + "'; expected one of " + String.join(", ", KNOWN));
    }
    if (!mode.equals("atomic")) {
      throw Preflight.notInThisVersion(mode);
    }
    return cycle(document, true, "run");
  }
}
