package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Gates alone, then publish. */
@Command(
    name = "certify",
    description = {
      "Runs the gates on the rows as they are, without a refresh, and publishes a certificate.",
      "A failed gate closes the store: it speaks about rows that readers see."
    })
final class CertifyCommand extends CycleCommand {
  CertifyCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) {
    return cycle(document, false, Optional.empty(), 1, "certify");
  }
}
