package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parent of the commands on baselines. */
@Command(
    name = "baseline",
    description = "The reviewed references that gates compare with: propose, then approve.")
final class BaselineCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new BaselineCommand())
        .addSubcommand(new ProposeCommand(surroundings))
        .addSubcommand(new ApproveCommand(surroundings))
        .addSubcommand(new BaselineListCommand(surroundings))
        .addSubcommand(new BaselineHistoryCommand(surroundings))
        .addSubcommand(new BaselineDiffCommand(surroundings))
        .addSubcommand(new TolerateCommand(surroundings));
  }

  @Override
  public Integer call() {
    if (spec == null) {
      return ExitCode.USAGE.code();
    }
    throw new ParameterException(
        spec.commandLine(), "baseline needs propose, approve, list, history, diff or tolerate");
  }
}
