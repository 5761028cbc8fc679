package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.LockHolders;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The gates of definitions, which speak about code that is live at once: they come first, and close
 * what fails.
 */
final class DefinitionRound {
  private final RunWork run;

  DefinitionRound(RunWork run) {
    this.run = run;
  }

  /**
   * Runs them for the store and for the others that it touches, as far as they are open or were
   * closed only for a refresh that ended too early.
   *
   * @return those that passed; without the store that was asked for, the run is over
   */
  List<ActedFor> passing() throws SQLException {
    run.journal().phase("definitions");
    List<ActedFor> passing = new ArrayList<>();
    for (ActedFor acted : run.targets()) {
      if (!acted.main() && !acted.row().certified() && !acted.row().refreshing()) {
        run.journal()
            .note("store " + acted.store() + " shares views with this run and is closed: left so");
        continue;
      }
      List<GateResult> results = results(acted);
      if (GateRound.failed(results).isEmpty()) {
        passing.add(acted);
      } else {
        run.closing().close(acted, results);
      }
    }
    if (passing.stream().noneMatch(ActedFor::main)) {
      run.journal().phase("data as it stands (nothing is refreshed: definitions come first)");
      run.gates().run(run.work(), run.plan().policy().store(), GateKind.DATA);
      return List.of();
    }
    return passing;
  }

  /** To spell a definition is to wait for whoever has locked its relation. */
  private List<GateResult> results(ActedFor acted) throws SQLException {
    return run.attempts()
        .of(
            () -> {
              run.journal().attemptBegins();
              try {
                return run.gates().run(run.work(), acted.store(), GateKind.DEFINITION);
              } catch (SQLException e) {
                run.journal()
                    .note(
                        "definitions of store "
                            + acted.store()
                            + ": "
                            + SqlFailures.message(e)
                            + LockHolders.aside(
                                new LockHolders(run.history()).ofClosure(acted.entrypoint())));
                throw e;
              }
            },
            (attempt, why) -> run.journal().attemptDiscarded());
  }
}
