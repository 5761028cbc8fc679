package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.plan.Preflight;
import io.guardedjdbc.refresher.plan.Upstream;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Definition gates; REFRESHING and the wait; refreshes side by side, each in a commit of its own;
 * gates and verdict in one last transaction. What ends it after the revocation leaves the store
 * closed, and the next run opens it.
 */
final class StagedRun implements RunBody {
  private final RunWork run;
  private final List<Published> certificates = new ArrayList<>();

  StagedRun(RunWork run) {
    this.run = run;
  }

  @Override
  public List<Published> certificates() {
    return certificates;
  }

  @Override
  public RunResult.Outcome run() throws SQLException {
    List<ActedFor> passing = new DefinitionRound(run).passing();
    if (passing.isEmpty()) {
      return RunResult.Outcome.FAILED;
    }
    Preflight.require(run.history(), run.plan(), run.sessions().serverVersion());
    run.journal().phase("close: readers are refused from here to the certificate");
    Revoking.Revoked revoked = new Revoking(run).revoke(passing);
    Instant before = Publication.serverTime(run.work());
    run.journal().phase("refresh, each step in a commit of its own");
    new SideBySide(run, revoked.fence()).run(run.plan().steps());
    RunResult.Outcome outcome =
        run.attempts()
            .of(
                () -> {
                  run.journal().attemptBegins();
                  return verdict(revoked, before);
                },
                (attempt, why) -> {
                  run.rollBack();
                  run.journal().note(attempt + " rolled back: " + SqlFailures.message(why));
                  run.journal().attemptDiscarded();
                });
    new Analyzing(run.history(), run.journal(), run.interruption()).run(run.plan());
    return outcome;
  }

  private RunResult.Outcome verdict(Revoking.Revoked revoked, Instant before) throws SQLException {
    Session work = run.work();
    run.journal().phase("data, as refreshed");
    work.begin();
    // Nobody else changes the rows from here to the commit: this is the compare of compare-and-set.
    revoked.fence().hold(work);
    Map<ActedFor, List<GateResult>> failed = new LinkedHashMap<>();
    for (ActedFor acted : revoked.acted()) {
      failed(run.gates().run(work, acted.store(), GateKind.DATA), acted, failed);
    }
    run.journal().phase("publish");
    for (ActedFor acted : revoked.acted()) {
      failed(run.gates().again(run.history(), acted.store(), GateKind.DEFINITION), acted, failed);
    }
    List<Published> published = new ArrayList<>();
    Map<ActedFor, String> withoutUpstream = new LinkedHashMap<>();
    try {
      run.journal()
          .step(
              StepKind.PUBLISH,
              run.plan().policy().entrypoint(),
              () -> publish(revoked.acted(), failed, before, published, withoutUpstream));
    } catch (SQLException e) {
      if (certificates.isEmpty()) {
        throw e;
      }
      run.journal().note("published, but not recorded: " + SqlFailures.message(e));
    }
    for (Map.Entry<ActedFor, String> entry : withoutUpstream.entrySet()) {
      if (entry.getKey().main()) {
        throw new Failure(ExitCode.NOT_CERTIFIED, "Not certified: " + entry.getValue());
      }
      run.journal().note(entry.getValue());
    }
    return failed.keySet().stream().anyMatch(ActedFor::main)
        ? RunResult.Outcome.FAILED
        : RunResult.Outcome.CERTIFIED;
  }

  private static void failed(
      List<GateResult> results, ActedFor acted, Map<ActedFor, List<GateResult>> failed) {
    if (!GateRound.failed(results).isEmpty()) {
      failed.computeIfAbsent(acted, store -> new ArrayList<>()).addAll(results);
    }
  }

  private StepFacts publish(
      List<ActedFor> targets,
      Map<ActedFor, List<GateResult>> failed,
      Instant before,
      List<Published> published,
      Map<ActedFor, String> withoutUpstream)
      throws SQLException {
    Publication publication = run.publication();
    for (ActedFor acted : ActedFor.upstreamFirst(run.work(), targets)) {
      List<GateResult> results = failed.get(acted);
      Optional<String> complaint = Upstream.complaint(run.work(), acted.store(), List.of());
      if (results != null) {
        run.closing().write(acted, results);
      } else if (complaint.isPresent()) {
        run.closing().write(acted, complaint.get());
        withoutUpstream.put(acted, complaint.get());
      } else {
        published.add(publication.publish(run.journal().runId(), acted, before));
      }
    }
    publication.commit();
    certificates.addAll(published);
    failed.keySet().forEach(run.closing()::closed);
    withoutUpstream.keySet().forEach(run.closing()::closed);
    return StepFacts.NONE;
  }
}
