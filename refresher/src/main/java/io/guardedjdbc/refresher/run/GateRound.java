package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Runs the gates of one kind of one store: all of them, even when one fails. */
final class GateRound {
  private final Journal journal;
  private final Interruption interruption;

  GateRound(Journal journal, Interruption interruption) {
    this.journal = journal;
    this.interruption = interruption;
  }

  /** Runs and records them. */
  List<GateResult> run(Session session, String store, GateKind kind) throws SQLException {
    List<GateResult> results = new ArrayList<>();
    for (ConfiguredGate gate : ConfiguredGate.of(session, store)) {
      if (gate.gate().kind() == kind) {
        interruption.check();
        results.add(journal.gate(session, store, gate));
      }
    }
    return results;
  }

  /**
   * Runs them in silence, and records those that fail.
   *
   * @param session a request cancels what it runs here
   */
  List<GateResult> again(Session session, String store, GateKind kind) throws SQLException {
    List<GateResult> failed = new ArrayList<>();
    for (ConfiguredGate gate : ConfiguredGate.of(session, store)) {
      if (gate.gate().kind() == kind
          && interruption.cancelling(session, () -> gate.check(session, store)).stream()
              .anyMatch(finding -> finding.blocks())) {
        failed.add(journal.gate(session, store, gate));
      }
    }
    return failed;
  }

  /** The ids of the gates that failed, in their order. */
  static List<String> failed(List<GateResult> results) {
    return results.stream()
        .filter(result -> !result.passed())
        .map(result -> result.gate().gate().id())
        .toList();
  }
}
