package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.exit.SqlFailures;
import io.guardedjdbc.refresher.notify.StateChange;
import io.guardedjdbc.refresher.notify.StoreState;
import io.guardedjdbc.refresher.page.OutputFile;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.report.Forecast;
import io.guardedjdbc.refresher.report.MetricsText;
import io.guardedjdbc.refresher.report.Paint;
import io.guardedjdbc.refresher.report.RunText;
import io.guardedjdbc.refresher.report.StoreStatus;
import io.guardedjdbc.refresher.run.RunCycle;
import io.guardedjdbc.refresher.run.RunListener;
import io.guardedjdbc.refresher.run.RunOptions;
import io.guardedjdbc.refresher.run.RunResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What {@code run} and {@code certify} share: a cycle a store, the worst code of all. */
abstract class CycleCommand extends DatabaseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "STORE",
      description = "Stores that the database knows, or their files.")
  private List<String> stores = List.of();

  @Mixin private LimitOptions limits = new LimitOptions();

  @Mixin private CycleSignals signals = new CycleSignals();

  CycleCommand(Surroundings surroundings) {
    super(surroundings);
  }

  final ExitCode cycle(
      Map<String, @Nullable Object> document,
      boolean refresh,
      Optional<PublishMode> mode,
      int parallel,
      String verb) {
    List<Map<String, @Nullable Object>> results = new ArrayList<>();
    document.put("stores", results);
    List<StoreArgument> arguments =
        StoreArgument.once(stores.stream().map(StoreArgument::of).toList());
    RunOptions options = new RunOptions(refresh, mode, parallel, limits.limits(), verb, host());
    CycleSignals.Checked told = signals.check(surroundings);
    List<ExitCode> codes = new ArrayList<>();
    Set<String> done = new HashSet<>();
    for (StoreArgument argument : arguments) {
      if (done.contains(argument.store())) {
        // by its entrypoint's name, and then by its own
        codes.add(ExitCode.OK);
      } else if (!surroundings.interruption().isRequested()) {
        codes.add(one(argument, options, told, results, done));
      }
    }
    if (surroundings.interruption().isRequested()) {
      // what a signal ends the process with, whatever became of the stores
      codes.add(surroundings.interruption().code());
    }
    ExitCode code = ExitCode.worst(codes);
    told.metrics().ifPresent(this::writeMetrics);
    CycleSignals.alive(told, surroundings, code);
    return code;
  }

  private void writeMetrics(Path file) {
    try (Session session = open(Access.OPERATE)) {
      OutputFile.write(file, MetricsText.of(session, StoreStatus.all(session)));
    } catch (Failure e) {
      surroundings.err().println("note: --metrics: " + e.getMessage());
    } catch (SQLException e) {
      surroundings.err().println("note: --metrics: " + SqlFailures.message(e));
    }
  }

  private Map<String, StoreState> states(CycleSignals.Checked told) {
    if (told.ofChanges().isEmpty()) {
      return Map.of();
    }
    try (Session session = open(Access.OPERATE)) {
      return StoreState.all(session);
    } catch (Failure | SQLException e) {
      // the run itself says what is wrong
      return Map.of();
    }
  }

  /** Of the store of the run, and of each that it closed or certified besides. */
  private void tellChanges(
      CycleSignals.Checked told, Map<String, StoreState> before, RunResult result) {
    Set<String> acted = new HashSet<>(result.closed());
    acted.add(result.header().entrypoint());
    result.certificates().forEach(certificate -> acted.add(certificate.entrypoint()));
    states(told)
        .forEach(
            (store, after) -> {
              Optional<StoreState> was = Optional.ofNullable(before.get(store));
              if (acted.contains(after.entrypoint()) && StateChange.happened(was, after)) {
                CycleSignals.changed(
                    told,
                    surroundings,
                    new StateChange(was, after, result, host(), surroundings.clock().instant()));
              }
            });
  }

  private ExitCode one(
      StoreArgument argument,
      RunOptions options,
      CycleSignals.Checked told,
      List<Map<String, @Nullable Object>> results,
      Set<String> done) {
    Map<String, StoreState> before = states(told);
    StringWriter kept = new StringWriter();
    try (RunText text = text(argument, kept)) {
      RunListener listener = forPeople() || isQuiet() ? text : RunListener.NONE;
      RunResult result =
          new RunCycle(
                  target(), options, listener, surroundings.interruption(), surroundings.clock())
              .run(argument);
      results.add(result.json());
      done.addAll(List.of(result.header().store(), result.header().entrypoint()));
      if (isQuiet() && result.exitCode() != ExitCode.OK) {
        surroundings.out().print(kept);
      }
      result.failure().ifPresent(this::print);
      tellChanges(told, before, result);
      return result.exitCode();
    } catch (Failure e) {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("store", argument.store());
      json.put("outcome", "not begun");
      json.put("exit_code", e.exitCode().code());
      json.put("error", e.lines());
      results.add(json);
      print(e);
      return e.exitCode();
    }
  }

  private RunText text(StoreArgument argument, StringWriter kept) {
    InstantSource clock = surroundings.clock();
    return isQuiet()
        ? new RunText(new PrintWriter(kept), Paint.PLAIN, Forecast.NONE, clock)
        : new RunText(surroundings.out(), surroundings.paint(), forecast(argument), clock);
  }

  private Forecast forecast(StoreArgument argument) {
    if (!surroundings.paint().live() || !forPeople()) {
      return Forecast.NONE;
    }
    try (Session session = open(Access.OPERATE)) {
      return Forecast.of(session, argument.store());
    } catch (Failure | SQLException e) {
      // the run itself says what is wrong
      return Forecast.NONE;
    }
  }
}
