package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.notify.CommandReceiver;
import io.guardedjdbc.refresher.notify.HttpReceiver;
import io.guardedjdbc.refresher.notify.Receiver;
import io.guardedjdbc.refresher.notify.StateChange;
import io.guardedjdbc.refresher.notify.TouchedFile;
import io.guardedjdbc.refresher.page.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Who is told of runs. Addresses are options or environment variables, never part of a store's
 * file: many are secrets. Whatever goes wrong here is one line on stderr and changes no outcome.
 */
final class CycleSignals {
  @Option(
      names = "--notify-url",
      paramLabel = "URL",
      description = "POST JSON there when a store's state changes. Default: $REFRESHER_NOTIFY_URL.")
  private @Nullable String notifyUrl;

  @Option(
      names = "--notify-command",
      paramLabel = "COMMAND",
      description = "Give the same JSON to this shell command. Default: $REFRESHER_NOTIFY_COMMAND.")
  private @Nullable String notifyCommand;

  @Option(
      names = "--alive-url",
      paramLabel = "URL",
      description =
          "GET this after each run that could check (exit 0 or 1). Default: $REFRESHER_ALIVE_URL.")
  private @Nullable String aliveUrl;

  @Option(
      names = "--alive-file",
      paramLabel = "FILE",
      description = "Touch this file likewise. Default: $REFRESHER_ALIVE_FILE.")
  private @Nullable String aliveFile;

  @Option(
      names = "--metrics",
      paramLabel = "FILE",
      description =
          "Write metrics of all stores for Prometheus afterwards. Default: $REFRESHER_METRICS.")
  private @Nullable String metrics;

  /** The options, checked. */
  record Checked(
      Map<String, Receiver> ofChanges, Map<String, Receiver> ofLife, Optional<Path> metrics) {}

  Checked check(Surroundings surroundings) {
    Map<String, Receiver> changes = new LinkedHashMap<>();
    Map<String, Receiver> life = new LinkedHashMap<>();
    Map<String, String> env = surroundings.env();
    given(notifyUrl, env, "REFRESHER_NOTIFY_URL")
        .ifPresent(url -> changes.put("--notify-url", HttpReceiver.of("--notify-url", url)));
    given(notifyCommand, env, "REFRESHER_NOTIFY_COMMAND")
        .ifPresent(command -> changes.put("--notify-command", new CommandReceiver(command)));
    given(aliveUrl, env, "REFRESHER_ALIVE_URL")
        .ifPresent(url -> life.put("--alive-url", HttpReceiver.of("--alive-url", url)));
    given(aliveFile, env, "REFRESHER_ALIVE_FILE")
        .map(file -> OutputFile.of("--alive-file", file))
        .ifPresent(file -> life.put("--alive-file", new TouchedFile(file, surroundings.clock())));
    return new Checked(
        changes,
        life,
        given(metrics, env, "REFRESHER_METRICS").map(file -> OutputFile.of("--metrics", file)));
  }

  private static Optional<String> given(
      @Nullable String option, Map<String, String> env, String variable) {
    return Optional.ofNullable(option)
        .or(() -> Optional.ofNullable(env.get(variable)))
        .filter(text -> !text.isBlank());
  }

  static void changed(Checked checked, Surroundings surroundings, StateChange change) {
    checked.ofChanges().forEach((option, who) -> tell(option, who, change.json(), surroundings));
  }

  /** For an outside watcher: says nothing unless the stores could be checked. */
  static void alive(Checked checked, Surroundings surroundings, ExitCode code) {
    boolean checkedAll = !surroundings.interruption().isRequested();
    if (checkedAll && (code == ExitCode.OK || code == ExitCode.NOT_CERTIFIED)) {
      checked.ofLife().forEach((option, who) -> tell(option, who, "", surroundings));
    }
  }

  private static void tell(
      String option, Receiver receiver, String text, Surroundings surroundings) {
    try {
      receiver.tell(text);
    } catch (IOException e) {
      surroundings.err().println("note: " + option + ": " + e.getMessage());
    } catch (RuntimeException e) {
      surroundings.err().println("note: " + option + ": " + e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      surroundings.err().println("note: " + option + ": interrupted");
    }
  }
}
