package io.guardedjdbc.refresher.notify;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A command of the shell, given the text on its standard input; what it prints goes nowhere. */
public final class CommandReceiver implements Receiver {
  /** How long it may take. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String command;
  private final Duration patience;

  /** For {@code /bin/sh -c}. */
  public CommandReceiver(String command) {
    this(command, PATIENCE);
  }

  CommandReceiver(String command, Duration patience) {
    this.command = command;
    this.patience = patience;
  }

  @Override
  public void tell(String text) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (OutputStream input = process.getOutputStream()) {
      input.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // it does not read what it is given: its exit code tells whether that is wrong
    }
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException("the command took longer than " + patience.toSeconds() + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException("the command ended with " + process.exitValue());
    }
  }
}
