package io.guardedjdbc.refresher.exit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reason to stop that a person can act on: an exit code and one line or more, each complete in
 * itself.
 *
 * <p>Never carries SQL text, bind values or credentials.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;
  private final transient List<String> lines;

  /** A failure of one line. */
  public Failure(ExitCode exitCode, String line) {
    this(exitCode, List.of(line), null);
  }

  /** A failure of one line, with what brought it about (shown with {@code --verbose} only). */
  public Failure(ExitCode exitCode, String line, @Nullable Throwable cause) {
    this(exitCode, List.of(line), cause);
  }

  /** A failure of several lines, all of them shown. */
  public Failure(ExitCode exitCode, List<String> lines, @Nullable Throwable cause) {
    super(String.join("\n", lines), cause);
    this.exitCode = exitCode;
    this.lines = List.copyOf(lines);
  }

  /** What the process ends with when nobody handles this. */
  public ExitCode exitCode() {
    return exitCode;
  }

  /** The lines to print. */
  public List<String> lines() {
    return lines;
  }
}
