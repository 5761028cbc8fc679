package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.LockHolders;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A run from its registration to its last record, whatever ends it. */
final class RegisteredRun {
  private final RunHeader header;
  private final RunWork run;
  private final RunBody body;
  private final InstantSource clock;

  RegisteredRun(RunHeader header, RunWork run, InstantSource clock) {
    this.header = header;
    this.run = run;
    this.body =
        switch (run.mode()) {
          case ATOMIC -> new AtomicRun(run);
          case STAGED, BLOCKING -> new StagedRun(run);
        };
    this.clock = clock;
  }

  RunResult run(RunListener listener) {
    Instant begin = clock.instant();
    RunResult.Outcome outcome;
    Optional<Failure> failure = Optional.empty();
    try {
      run.interruption().cancels(run.work());
      outcome = body.run();
    } catch (SQLException e) {
      outcome = RunResult.Outcome.ERROR;
      String doing = "Run " + header.runId() + " of store " + header.store();
      failure = Optional.of(SqlFailures.of(doing, e, holders(e)));
    } catch (Failure e) {
      outcome = RunResult.Outcome.ERROR;
      failure = Optional.of(e);
    } finally {
      run.interruption().cancelsNothing();
    }
    if (failure.isPresent()) {
      run.rollBack();
    }
    String standing = new Standing(run.history()).sentence(run.plan().policy());
    if (failure.isPresent() && run.interruption().isRequested()) {
      outcome = RunResult.Outcome.INTERRUPTED;
      failure = Optional.of(run.interruption().failure(standing));
    }
    RunResult result =
        new RunResult(
            header,
            outcome,
            run.journal().steps(),
            run.journal().gates(),
            body.certificates(),
            run.closing().closed(),
            standing,
            Duration.between(begin, clock.instant()),
            failure);
    finish(result);
    listener.finished(result);
    return result;
  }

  /** Named in the last line, too: under cron it is the only one. */
  private String holders(SQLException e) {
    return SqlFailures.isRetryable(e)
        ? LockHolders.aside(
            new LockHolders(run.history()).ofClosure(run.plan().policy().entrypoint()))
        : "";
  }

  private void finish(RunResult result) {
    String message =
        result
            .failure()
            .map(failure -> String.join("; ", failure.lines()))
            .orElseGet(() -> verdict(result));
    try {
      run.history()
          .run(
              "SELECT audit.finish_run(?, ?, ?)", header.runId(), result.outcome().word(), message);
    } catch (SQLException e) {
      run.journal()
          .note(
              "the end of run "
                  + header.runId()
                  + " could not be recorded: "
                  + SqlFailures.message(e));
    }
  }

  private static String verdict(RunResult result) {
    List<String> failed = GateRound.failed(result.gates()).stream().distinct().toList();
    return failed.isEmpty()
        ? result.standing()
        : String.join(", ", failed) + " failed; " + result.standing();
  }
}
