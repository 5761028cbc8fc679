package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Refresh, certify, publish. */
@Command(
    name = "run",
    description = {
      "Refreshes a store, runs its gates, and publishes data and certificate.",
      "atomic: in one commit; readers keep the last certified rows until then.",
      "staged: readers are refused from the first change to the certificate; independent views"
          + " are refreshed side by side. Also chosen by itself, and said, where a step can't be"
          + " part of one commit.",
      "blocking: as staged, by plain REFRESH."
    })
final class RunCommand extends CycleCommand {
  private static final int MOST_PARALLEL = 64;

  @Mixin private ModeOption mode = new ModeOption();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How many views a staged or blocking run refreshes at a time. Default: ${DEFAULT-VALUE}.")
  private int parallel = 2;

  RunCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) {
    if (parallel < 1 || parallel > MOST_PARALLEL) {
      throw new Failure(
          ExitCode.USAGE, "--parallel is " + parallel + "; expected 1 to " + MOST_PARALLEL);
    }
    return cycle(document, true, mode.asked(), parallel, "run");
  }
}
