package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.plan.PublishMode;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The publish mode that a person asks for. */
final class ModeOption {
  /** For the completion script. */
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return PublishMode.words().iterator();
    }
  }

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      completionCandidates = Words.class,
      description = "atomic, staged or blocking. Default: what the store's file says.")
  private @Nullable String mode;

  /**
   * The mode; empty for that of the store.
   *
   * @throws Failure {@link ExitCode#USAGE} when it is none
   */
  Optional<PublishMode> asked() {
    return Optional.ofNullable(mode).map(ModeOption::of);
  }

  private static PublishMode of(String word) {
    return PublishMode.of(word)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.USAGE,
                    "--mode is '"
                        + word
                        + "'; expected one of "
                        + String.join(", ", PublishMode.words())));
  }
}
