package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.report.StatusText;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How stores stand. */
@Command(
    name = "status",
    description = "Shows each store's certificate, ages against limits, last run, and why not.")
final class StatusCommand extends DatabaseCommand {
  @Parameters(arity = "0..*", paramLabel = "STORE", description = "Stores; all when none is given.")
  private List<String> stores = List.of();

  StatusCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    List<String> wanted =
        names(stores).stream().map(text -> StoreArgument.of(text).store()).toList();
    try (Session session = open(Access.READ)) {
      List<StoreStatus> all = StoreStatus.all(session);
      List<String> known = all.stream().map(StoreStatus::store).toList();
      for (String name : wanted) {
        if (all.stream().noneMatch(status -> status.isNamed(name))) {
          throw new Failure(
              ExitCode.USAGE,
              "Unknown store '"
                  + name
                  + "': this database knows "
                  + (known.isEmpty() ? "none" : String.join(", ", known)));
        }
      }
      List<StoreStatus> shown =
          all.stream()
              .filter(status -> wanted.isEmpty() || wanted.stream().anyMatch(status::isNamed))
              .toList();
      document.put("stores", shown.stream().map(StoreStatus::json).toList());
      new StatusText(out(), surroundings.paint()).print(shown);
      if (shown.isEmpty()) {
        out().println("No store yet. Run: refresher init STORE.yaml");
      }
      List<StoreStatus> wrong =
          shown.stream().filter(status -> status.exitCode() != ExitCode.OK).toList();
      if (isQuiet()) {
        new StatusText(surroundings.out(), surroundings.paint()).print(wrong);
      }
      return ExitCode.worst(shown.stream().map(StoreStatus::exitCode).toList());
    }
  }
}
