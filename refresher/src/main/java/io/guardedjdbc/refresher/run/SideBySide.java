package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.LockHolders;
import io.guardedjdbc.refresher.plan.PlanStep;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/**
 * Does the steps of a staged run, each as soon as everything before it is done, some at a time.
 * Workers only talk to the database; all records and notes are made by the thread of the run.
 */
final class SideBySide {
  /** Something that a worker has to tell the thread of the run. */
  @FunctionalInterface
  private interface Event {
    void happen() throws SQLException;
  }

  private final RunWork run;
  private final Fence fence;
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Set<String> done = new HashSet<>();
  private final List<PlanStep> waiting = new ArrayList<>();
  private final List<Session> idle = new ArrayList<>();
  private final List<Session> busy = new ArrayList<>();
  private Optional<Exception> failure = Optional.empty();

  SideBySide(RunWork run, Fence fence) {
    this.run = run;
    this.fence = fence;
  }

  /** Blocks until all steps are done, or one has failed and those beside it have ended. */
  void run(List<PlanStep> steps) throws SQLException {
    waiting.addAll(steps);
    ExecutorService workers = Executors.newFixedThreadPool(run.options().parallel());
    try {
      startReady(workers);
      while (!busy.isEmpty()) {
        next().happen();
        startReady(workers);
      }
    } finally {
      busy.forEach(SideBySide::cancel);
      workers.shutdown();
      idle.forEach(Session::close);
      busy.forEach(Session::close);
    }
    if (failure.isPresent()) {
      rethrow(failure.get());
    }
  }

  private static void rethrow(Exception why) throws SQLException {
    if (why instanceof SQLException e) {
      throw e;
    }
    throw why instanceof RuntimeException e ? e : new IllegalStateException(why);
  }

  private void startReady(ExecutorService workers) throws SQLException {
    if (run.interruption().isRequested()) {
      ends(new Failure(ExitCode.INTERRUPTED, "Interrupted"));
    }
    for (PlanStep step : List.copyOf(waiting)) {
      if (failure.isEmpty() && busy.size() < run.options().parallel() && isReady(step)) {
        waiting.remove(step);
        start(workers, step);
      }
    }
  }

  /** SQL steps keep their order among themselves: what they write is only declared. */
  private boolean isReady(PlanStep step) {
    boolean first =
        step.kind() != PlanStep.Kind.SQL
            || sqlBefore(step).allMatch(other -> done.contains(other.object()));
    return first && done.containsAll(step.dependsOn());
  }

  private Stream<PlanStep> sqlBefore(PlanStep step) {
    return run.plan().steps().stream()
        .filter(other -> other.kind() == PlanStep.Kind.SQL && other.position() < step.position());
  }

  private void start(ExecutorService workers, PlanStep step) throws SQLException {
    Session session;
    try {
      session = idle.isEmpty() ? connect() : idle.remove(idle.size() - 1);
    } catch (SQLException | RuntimeException e) {
      ends(e); // those at work are told to end, and waited for: their steps are recorded
      return;
    }
    busy.add(session);
    Journal.Open open = run.journal().begin(Refreshing.kind(step), step.object());
    workers.execute(
        () -> {
          Event end;
          try {
            StepFacts facts = change(session, step);
            end = () -> succeeded(session, step, open, facts);
          } catch (SQLException | RuntimeException e) {
            end = () -> failed(session, open, e);
          }
          events.add(end);
        });
  }

  private Session connect() throws SQLException {
    Session session = run.sessions().worker(run.journal().runId());
    try {
      run.interruption().cancels(session);
      return session;
    } catch (Failure e) {
      session.close();
      throw e;
    }
  }

  /** On a worker: the fence, the step, the commit. */
  private StepFacts change(Session session, PlanStep step) throws SQLException {
    return run.attempts()
        .of(
            () -> {
              session.begin();
              fence.hold(session);
              run.interruption().check();
              StepFacts facts = Refreshing.run(session, step, run.mode());
              session.commit();
              return facts;
            },
            (attempt, why) -> {
              session.rollback();
              String who = LockHolders.aside(new LockHolders(session).of(run.plan().views()));
              String line = step.object() + ", " + attempt + ": " + SqlFailures.message(why) + who;
              events.add(() -> run.journal().note(line));
            });
  }

  private void succeeded(Session session, PlanStep step, Journal.Open open, StepFacts facts)
      throws SQLException {
    busy.remove(session);
    idle.add(session);
    done.add(step.object());
    run.journal().end(open, facts);
  }

  private void failed(Session session, Journal.Open open, Exception why) throws SQLException {
    busy.remove(session);
    session.close();
    ends(why);
    run.journal().end(open, why);
  }

  /** Nothing new begins, and what runs is cancelled. */
  private void ends(Exception why) {
    if (failure.isEmpty()) {
      failure = Optional.of(why);
      busy.forEach(SideBySide::cancel);
    }
  }

  private Event next() {
    try {
      return events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      run.interruption().request();
      run.interruption().check();
      throw new IllegalStateException(e);
    }
  }

  private static void cancel(Session session) {
    try {
      session.cancel();
    } catch (SQLException e) {
      // it ends with its connection
    }
  }
}
