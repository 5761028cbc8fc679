package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The completion script for shells. Asks no database, and has no document. */
@Command(
    name = "completion",
    description = {
      "Prints the completion script for bash and zsh.",
      "bash: source <(refresher completion)",
      "zsh: autoload -U +X bashcompinit && bashcompinit, then the same."
    })
final class CompletionCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  CompletionCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("not started by picocli");
    }
    surroundings.out().print(AutoComplete.bash("refresher", spec.root().commandLine()));
    return ExitCode.OK.code();
  }
}
