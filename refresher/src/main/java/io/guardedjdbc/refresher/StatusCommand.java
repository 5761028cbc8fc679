package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.KnownStores;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.page.OutputFile;
import io.guardedjdbc.refresher.page.StatusPage;
import io.guardedjdbc.refresher.page.StoreHistory;
import io.guardedjdbc.refresher.report.MetricsText;
import io.guardedjdbc.refresher.report.StatusText;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How stores stand. */
@Command(
    name = "status",
    description = "Shows each store's certificate, ages against limits, last run, and why not.")
final class StatusCommand extends DatabaseCommand {
  @Parameters(arity = "0..*", paramLabel = "STORE", description = "Stores; all when none is given.")
  private List<String> stores = List.of();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page: ages and runs over time, gates, findings. One file, no script.")
  private @Nullable String html;

  @Option(
      names = "--metrics",
      paramLabel = "FILE",
      description = "Write metrics for Prometheus, e.g. for node_exporter's textfile collector.")
  private @Nullable String metrics;

  StatusCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    Optional<Path> page = Optional.ofNullable(html).map(file -> OutputFile.of("--html", file));
    Optional<Path> numbers =
        Optional.ofNullable(metrics).map(file -> OutputFile.of("--metrics", file));
    boolean writes = page.isPresent() || numbers.isPresent();
    List<String> wanted =
        names(stores).stream().map(text -> StoreArgument.of(text).store()).toList();
    try (Session session = open(writes ? Access.OPERATE : Access.READ)) {
      List<StoreStatus> shown = shown(StoreStatus.all(session), wanted);
      document.put("stores", shown.stream().map(StoreStatus::json).toList());
      if (page.isPresent()) {
        OutputFile.write(page.get(), page(session, shown));
      }
      if (numbers.isPresent()) {
        OutputFile.write(numbers.get(), MetricsText.of(session, shown));
      }
      print(shown);
      return ExitCode.worst(shown.stream().map(StoreStatus::exitCode).toList());
    }
  }

  private static List<StoreStatus> shown(List<StoreStatus> all, List<String> wanted) {
    for (String name : wanted) {
      if (all.stream().noneMatch(status -> status.isNamed(name))) {
        throw KnownStores.unknown(name, all.stream().map(StoreStatus::store).toList());
      }
    }
    return all.stream()
        .filter(status -> wanted.isEmpty() || wanted.stream().anyMatch(status::isNamed))
        .toList();
  }

  private void print(List<StoreStatus> shown) {
    new StatusText(out(), surroundings.paint()).print(shown);
    if (shown.isEmpty()) {
      out().println("No store yet. Run: refresher init STORE.yaml");
    }
    if (isQuiet()) {
      List<StoreStatus> wrong =
          shown.stream().filter(status -> status.exitCode() != ExitCode.OK).toList();
      new StatusText(surroundings.out(), surroundings.paint()).print(wrong);
    }
  }

  private String page(Session session, List<StoreStatus> shown) throws SQLException {
    List<StoreHistory> histories = new ArrayList<>();
    for (StoreStatus status : shown) {
      histories.add(StoreHistory.of(session, status));
    }
    return StatusPage.of(histories, madeBy());
  }
}
