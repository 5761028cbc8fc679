package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.LockHolders;
import io.guardedjdbc.refresher.plan.Upstream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    List<ActedFor> certifiable = certifiable(passing);
    if (passing.stream().noneMatch(ActedFor::main)) {
      run.journal().phase("data as it stands (nothing is refreshed: definitions come first)");
      run.gates().run(run.work(), run.plan().policy().store(), GateKind.DATA);
      return List.of();
    }
    return certifiable;
  }

  /**
   * Those of them whose upstream stores are certified or among them, in the order of publishing.
   * All others are closed: what is wrong upstream is live in their rows, too.
   *
   * @throws Failure when the store that was asked for is none of them
   */
  private List<ActedFor> certifiable(List<ActedFor> passing) throws SQLException {
    List<ActedFor> certifiable = new ArrayList<>();
    Optional<String> ofMain = Optional.empty();
    for (ActedFor acted : ActedFor.upstreamFirst(run.work(), passing)) {
      List<String> before = certifiable.stream().map(ActedFor::store).toList();
      Optional<String> complaint = Upstream.complaint(run.work(), acted.store(), before);
      if (complaint.isEmpty()) {
        certifiable.add(acted);
        continue;
      }
      if (acted.row().certified() || acted.row().refreshing()) {
        run.closing().close(acted, complaint.get());
      }
      if (acted.main()) {
        ofMain = complaint;
      } else {
        run.journal().note(complaint.get());
      }
    }
    if (ofMain.isPresent()) {
      throw new Failure(ExitCode.NOT_CERTIFIED, "Not certified: " + ofMain.get());
    }
    return certifiable;
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
