package io.guardedjdbc.refresher;

import io.guardedjdbc.refresher.config.AppliedPolicy;
import io.guardedjdbc.refresher.config.StoreArgument;
import io.guardedjdbc.refresher.config.StorePolicy;
import io.guardedjdbc.refresher.db.ServerCheck;
import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PlanStep;
import io.guardedjdbc.refresher.plan.Preflight;
import io.guardedjdbc.refresher.plan.PublishChoice;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.plan.Touched;
import io.guardedjdbc.refresher.plan.Upstream;
import io.guardedjdbc.refresher.plan.VoidedCertificate;
import io.guardedjdbc.refresher.report.Forecast;
import io.guardedjdbc.refresher.report.PlanText;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what a run would do. */
@Command(name = "plan", description = "Shows what a run would do, in which order. Changes nothing.")
final class PlanCommand extends DatabaseCommand {
  @Parameters(paramLabel = "STORE", description = "A store that the database knows, or its file.")
  private String store = "";

  @Mixin private ModeOption mode = new ModeOption();

  PlanCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  ExitCode execute(Map<String, @Nullable Object> document) throws SQLException {
    Optional<PublishMode> asked = mode.asked();
    StoreArgument argument = StoreArgument.of(store);
    try (Session session = open(Access.OPERATE)) {
      if (argument.config().isPresent()) {
        // As run would have it; closed without a commit, so that nothing is changed.
        session.begin();
        AppliedPolicy applied = AppliedPolicy.apply(session, argument, false);
        document.put("configuration", applied.state().name().toLowerCase(Locale.ROOT));
        document.put("loosened", applied.loosened());
        applied.loosened().forEach(line -> out().println("looser than before: " + line));
      }
      StorePolicy policy = argument.policy(session);
      Plan plan = Plan.of(session, policy);
      document.put("store", policy.store());
      document.put("entrypoint", policy.entrypoint());
      PublishChoice choice = PublishChoice.of(plan, asked);
      document.put("mode", choice.mode().word());
      document.put("mode_reasons", choice.reasons());
      Forecast forecast = Forecast.of(session, policy.store()).in(choice.mode().word());
      document.put("expected_ms", forecast.whole().map(Duration::toMillis).orElse(null));
      document.put("steps", plan.steps().stream().map(step -> json(step, forecast)).toList());
      document.put("gates", plan.gates().stream().map(gate -> gate.gate().id()).toList());
      document.put("upstream", plan.upstream().stream().map(Upstream::json).toList());
      document.put("touched", plan.touched().stream().map(Touched::entrypoint).toList());
      document.put("voided", plan.voided().stream().map(VoidedCertificate::entrypoint).toList());
      document.put("closed", plan.closed());
      List<String> remarks = Preflight.remarks(session, plan);
      document.put("remarks", remarks);
      String run = store + asked.map(word -> " --mode " + word.word()).orElse("");
      new PlanText(out(), surroundings.paint()).print(plan, choice, run, forecast);
      remarks.forEach(remark -> out().println("note: " + remark));
      Preflight.require(session, plan, ServerCheck.version(session));
    }
    return ExitCode.OK;
  }

  private static Map<String, @Nullable Object> json(PlanStep step, Forecast forecast) {
    Map<String, @Nullable Object> json = step.json();
    json.put("expected_ms", forecast.of(step).map(Duration::toMillis).orElse(null));
    json.put("expected_rows", forecast.rows(step).orElse(null));
    return json;
  }
}
