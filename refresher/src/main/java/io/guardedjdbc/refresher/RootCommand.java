package io.guardedjdbc.refresher;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The parent of all commands. */
@Command(
    name = "refresher",
    description = "Refreshes feature stores, certifies them, and publishes both in one commit.",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  certified / fine",
      "  1  a gate failed, or a store is not certified",
      "  2  usage or configuration",
      "  3  could not check: server, lock or permission",
      "  4  another run holds the lock",
      "  130, 143  interrupted, rolled back and recorded",
      "Several stores: the worst, in the order 2, 4, 3, 1, 0."
    })
final class RootCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("not started by picocli");
    }
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
