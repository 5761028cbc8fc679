package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.KnownStores;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.gate.Gate;
import io.guardedjdbc.refresher.gate.Gates;
import io.guardedjdbc.refresher.gate.RecordedFindings;
import io.guardedjdbc.refresher.report.FindingText;
import io.guardedjdbc.refresher.text.Nearest;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What a run found, what it means, what to do. */
@Command(
    name = "explain",
    description =
        "Explains what the last run that judged a store found, or a given run: what to do next.")
final class ExplainCommand extends DatabaseCommand {
  @Parameters(
      paramLabel = "STORE|RUN|GATE",
      description = "A store, the number of a run, or a gate.")
  private String which = "";

  ExplainCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    Optional<Gate> gate = Gates.of(which);
    if (gate.isPresent()) {
      explain(gate.get(), document);
      return ExitCode.OK;
    }
    try (Session session = open(Access.OPERATE)) {
      RecordedFindings run = find(session);
      document.putAll(run.json());
      print(run);
    }
    return ExitCode.OK;
  }

  private void explain(Gate gate, Map<String, @Nullable Object> document) {
    document.put("gate", which);
    document.put("failure_class", gate.explanation().failureClass());
    document.put("meaning", gate.explanation().meaning());
    document.put("action", gate.explanation().action());
    out().println(which + ": " + gate.checks());
    new FindingText(out(), surroundings.paint()).explain(gate);
  }

  private RecordedFindings find(Session session) throws SQLException {
    if (which.matches("\\d{1,18}")) {
      return RecordedFindings.ofRun(session, Long.parseLong(which))
          .orElseThrow(() -> new Failure(ExitCode.USAGE, "There is no run " + which));
    }
    return RecordedFindings.ofLastRun(session, store(session).store())
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.NOT_CERTIFIED,
                    "Store " + which + " had no run yet. Run: refresher run " + which));
  }

  private StorePolicy store(Session session) throws SQLException {
    try {
      return KnownStores.named(session, which);
    } catch (Failure unknown) {
      String gate = Nearest.to(which, Gates.ids()).orElseThrow(() -> unknown);
      throw new Failure(ExitCode.USAGE, unknown.getMessage() + "; or gate " + gate + "?", unknown);
    }
  }

  private void print(RecordedFindings run) {
    String of = run.isOwn() ? " of " + run.store() + ": " : " ";
    out().println("run " + run.runId() + of + run.headline());
    run.aftermath().ifPresent(out()::println);
    run.byStore().forEach((store, findings) -> print(run, store, findings));
    if (run.byStore().isEmpty()) {
      out().println("No gate found anything.");
    }
    if (run.left().filter(RecordedFindings.Left::closed).isPresent()) {
      out().println("To open it again, when that is done: refresher run " + run.about());
    }
  }

  private void print(RecordedFindings run, String store, List<Finding> all) {
    FindingText text = new FindingText(out(), surroundings.paint());
    String whose = store.equals(run.about()) ? "" : " of store " + store;
    for (Gate gate : Gates.all()) {
      List<Finding> findings = RecordedFindings.of(gate, all);
      if (!findings.isEmpty()) {
        out().println("  " + gate.id() + whose + ": " + gate.checks());
        text.print(gate, findings);
      }
    }
  }
}
