package io.guardedjdbc.refresher.run;

import io.guardedjdbc.refresher.config.AppliedPolicy;
import io.guardedjdbc.refresher.config.KnownStores;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.PinnedSettings;
import io.guardedjdbc.refresher.db.Target;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.Preflight;
import io.guardedjdbc.refresher.plan.PublishChoice;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.plan.Touched;
import io.guardedjdbc.refresher.text.Json;
import io.guardedjdbc.registry.ReaderClock;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of one store, from the lock to the record: what the writer owes. Blocks until the run is
 * over; an interruption ends it earlier.
 */
public final class RunCycle {
  private final Connector connector;
  private final RunOptions options;
  private final RunListener listener;
  private final Interruption interruption;
  private final InstantSource clock;
  private final LeaseWait leases;

  /** A cycle, to be run once or more. */
  public RunCycle(
      Target target,
      RunOptions options,
      RunListener listener,
      Interruption interruption,
      InstantSource clock) {
    this(target::open, options, listener, interruption, clock, new WriterClock(clock));
  }

  /** With connections and both clocks of the caller's. */
  RunCycle(
      Connector connector,
      RunOptions options,
      RunListener listener,
      Interruption interruption,
      InstantSource clock,
      ReaderClock leaseClock) {
    this.connector = connector;
    this.options = options;
    this.listener = listener;
    this.interruption = interruption;
    this.clock = clock;
    this.leases = new LeaseWait(leaseClock, interruption::await);
  }

  /**
   * Runs the store.
   *
   * @return how the run ended, once it is registered
   * @throws Failure when it could not begin; nothing was changed then, and nothing recorded
   */
  public RunResult run(StoreArgument argument) {
    String named = argument.store();
    try (RunSessions sessions = RunSessions.open(connector, named, options)) {
      // A person may have named the entrypoint: the lock goes by the store.
      String store =
          argument.config().isPresent() ? named : KnownStores.named(sessions.work(), named).store();
      RunLock.take(sessions.work(), store);
      if (argument.config().isPresent()) {
        tell(AppliedPolicy.apply(sessions.work(), argument, false));
      }
      StorePolicy policy = argument.policy(sessions.work());
      PinnedSettings settings =
          PinnedSettings.of(
              policy.timeZone(),
              options.limits().lock(),
              options.limits().statement(),
              sessions.serverVersion());
      return run(sessions.pinned(settings), policy);
    } catch (SQLException e) {
      throw SqlFailures.of("Run of store " + named, e);
    }
  }

  private RunResult run(RunSessions sessions, StorePolicy policy) throws SQLException {
    Plan plan = Plan.of(sessions.history(), policy);
    List<ActedFor> targets = targets(sessions, plan);
    PublishChoice choice =
        options.refresh()
            ? PublishChoice.of(plan, options.mode())
            : new PublishChoice(PublishMode.ATOMIC, List.of());
    RunHeader header = begin(sessions, plan, choice);
    Journal journal = new Journal(sessions.history(), listener, clock, header.runId());
    RunWork work =
        new RunWork(
            sessions,
            plan,
            choice.mode(),
            targets,
            options,
            interruption,
            leases,
            journal,
            new GateRound(journal, interruption),
            new Closing(sessions, journal, options.limits().attempts()));
    return new RegisteredRun(header, work, clock).run(listener);
  }

  private void tell(AppliedPolicy applied) {
    if (applied.state() != AppliedPolicy.State.UNCHANGED) {
      listener.note("configuration of " + applied.store() + " written into the database");
    }
    applied.loosened().forEach(line -> listener.note("looser than before: " + line));
  }

  private List<ActedFor> targets(RunSessions sessions, Plan plan) throws SQLException {
    StorePolicy main = plan.policy();
    List<ActedFor> targets = new ArrayList<>();
    RegistryRow row = RegistryRow.of(sessions.work(), main.entrypoint());
    targets.add(new ActedFor(main.store(), main.entrypoint(), row, true, options.refresh()));
    if (!options.refresh()) {
      return targets;
    }
    for (Touched touched : plan.touched()) {
      StorePolicy other = KnownStores.named(sessions.work(), touched.store());
      if (!other.timeZone().equals(main.timeZone())) {
        throw new Failure(
            ExitCode.USAGE,
            "Stores "
                + main.store()
                + " and "
                + other.store()
                + " share "
                + String.join(", ", touched.objects())
                + " but not their time_zone: give both the same");
      }
      RunLock.take(sessions.work(), touched.store());
      targets.add(
          new ActedFor(
              touched.store(),
              touched.entrypoint(),
              RegistryRow.of(sessions.work(), touched.entrypoint()),
              false,
              sessions
                  .work()
                  .test("SELECT audit.refreshes_all(?, ?)", main.store(), touched.store())));
    }
    return targets;
  }

  private RunHeader begin(RunSessions sessions, Plan plan, PublishChoice choice)
      throws SQLException {
    StorePolicy policy = plan.policy();
    String mode = options.refresh() ? choice.mode().word() : "certify";
    interruption.check();
    long runId =
        sessions
            .work()
            .number(
                "SELECT audit.begin_run(?, ?, ?, ?)",
                policy.store(),
                mode,
                options.command(),
                options.host());
    // Marked by the transaction that made our own row.
    List<String> dead =
        sessions
            .work()
            .list(
                "SELECT o.run_id FROM audit.run o JOIN audit.run n ON n.xmin = o.xmin"
                    + " WHERE n.run_id = ? AND o.outcome = 'interrupted' ORDER BY 1",
                row -> row.getString(1),
                runId);
    sessions
        .work()
        .run(
            "UPDATE audit.run SET settings = ?::jsonb WHERE run_id = ?",
            Json.compact(sessions.settings().values()),
            runId);
    int steps = options.refresh() ? plan.steps().size() : 0;
    RunHeader header =
        new RunHeader(policy.store(), policy.entrypoint(), runId, mode, sessions.server(), steps);
    listener.started(header);
    dead.forEach(run -> listener.note("run " + run + " was interrupted: its connection was gone"));
    if (options.refresh()) {
      Preflight.remarks(sessions.work(), plan).forEach(listener::note);
    }
    choice.reasons().forEach(reason -> listener.note(choice.mode().word() + ", as " + reason));
    return header;
  }
}
