package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.run.RunLimits;
import io.guardedjdbc.refresher.text.DurationText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a run waits, and how long parts of it may last. */
final class LimitOptions {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** In whole days: the server counts milliseconds in 32 bits. */
  private static final Duration LONGEST = Duration.ofDays(24);

  @Option(
      names = "--lock-timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "How long to wait for one lock. Default: ${DEFAULT-VALUE}.")
  private String lockTimeout = "10s";

  @Option(
      names = "--attempts",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often to try before giving up on a lock. Default: ${DEFAULT-VALUE}.")
  private int attempts = 3;

  @Option(
      names = "--statement-timeout",
      paramLabel = "DURATION",
      description = "How long one statement may take, a refresh among them. Default: no limit.")
  private @Nullable String statementTimeout;

  @Option(
      names = "--transaction-timeout",
      paramLabel = "DURATION",
      description =
          "How long the transaction of an atomic run may last before it publishes; then it is"
              + " rolled back and the old certificate stands. Default: no limit.")
  private @Nullable String transactionTimeout;

  /**
   * The limits.
   *
   * @throws Failure {@link ExitCode#USAGE} when one of them is none
   */
  RunLimits limits() {
    if (attempts < 1 || attempts > 100) {
      throw new Failure(ExitCode.USAGE, "--attempts is " + attempts + "; expected 1 to 100");
    }
    return new RunLimits(
        limit("--lock-timeout", lockTimeout),
        attempts,
        orNone("--statement-timeout", statementTimeout),
        orNone("--transaction-timeout", transactionTimeout));
  }

  private static Duration orNone(String option, @Nullable String text) {
    return text == null ? Duration.ZERO : limit(option, text);
  }

  /** Of less than a millisecond the server would make no limit at all. */
  private static Duration limit(String option, String text) {
    Duration limit = DurationText.required(option, text);
    if (limit.compareTo(SHORTEST) < 0 || limit.compareTo(LONGEST) > 0) {
      throw new Failure(ExitCode.USAGE, option + " is '" + text + "'; expected 1ms to 24d");
    }
    return limit;
  }
}
