package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.run.Published;
import io.guardedjdbc.refresher.run.RunHeader;
import io.guardedjdbc.refresher.run.RunListener;
import io.guardedjdbc.refresher.run.RunResult;
import io.guardedjdbc.refresher.run.StepKind;
import io.guardedjdbc.refresher.run.StepResult;
import io.guardedjdbc.refresher.text.DurationText;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints a run as it goes, for a person: one line a step, written over while it lasts on a
 * terminal.
 */
public final class RunText implements RunListener, AutoCloseable {
  private final PrintWriter out;
  private final Paint paint;
  private final FindingText findings;
  private final LiveLine live;
  private final InstantSource clock;
  private Forecast forecast;
  private TimeLeft left;
  private int steps;
  private int done;

  /**
   * Prints to this writer.
   *
   * @param forecast how long it should take; used on a terminal alone
   */
  public RunText(PrintWriter out, Paint paint, Forecast forecast, InstantSource clock) {
    this.out = out;
    this.paint = paint;
    this.findings = new FindingText(out, paint);
    this.live = new LiveLine(out, paint);
    this.clock = clock;
    this.forecast = forecast;
    this.left = new TimeLeft(forecast, clock);
  }

  @Override
  public void started(RunHeader header) {
    steps = header.steps();
    done = 0;
    forecast = forecast.in(header.mode());
    left = new TimeLeft(forecast, clock);
    line(
        paint.strong(header.store())
            + paint.dot()
            + header.entrypoint()
            + paint.dot()
            + "run "
            + header.runId()
            + paint.dot()
            + header.mode()
            + paint.dot()
            + header.server());
  }

  @Override
  public void phase(String title) {
    line(paint.dim(title));
  }

  @Override
  public void stepStarted(StepKind kind, String object) {
    busy(kind.word(), object);
  }

  @Override
  public void stepFinished(StepResult step) {
    left.ended(step.kind().word(), step.object());
    if (step.kind() == StepKind.ANALYZE && step.outcome().equals("ok")) {
      live.print(() -> {});
      return;
    }
    String position = "";
    if (step.kind() == StepKind.REFRESH || step.kind() == StepKind.SQL) {
      done++;
      position = paint.dim("  " + done + " of " + steps);
    }
    String rows =
        step.rows().isPresent()
            ? String.format(Locale.ROOT, "%,d rows", step.rows().getAsLong())
            : "";
    line(
        String.format(
                Locale.ROOT,
                "  %s %-7s %-46s %14s %-16s %8s",
                paint.mark(step.outcome()),
                step.kind().word(),
                step.object(),
                rows,
                step.detail(),
                took(step.took()))
            + position);
  }

  @Override
  public void gateStarted(String store, ConfiguredGate gate) {
    busy("gate", gate.gate().id());
  }

  @Override
  public void gateFinished(GateResult gate) {
    left.ended("gate", gate.gate().gate().id());
    String checks = gate.gate().gate().checks();
    line(
        String.format(
            Locale.ROOT,
            "  %s gate    %-20s  %-57s %-16s %8s",
            paint.mark(gate.outcome()),
            gate.gate().gate().id(),
            checks,
            gate.checked().orElse(""),
            took(gate.took())));
    live.print(() -> findings.print(gate.gate().gate(), gate.findings()));
  }

  @Override
  public void note(String text) {
    line(paint.warn("  note: ") + text);
  }

  @Override
  public void finished(RunResult result) {
    String took = " (" + took(result.took()) + ")";
    switch (result.outcome()) {
      case CERTIFIED -> {
        for (Published certificate : result.certificates()) {
          line(
              paint.good("CERTIFIED")
                  + "  "
                  + certificate.entrypoint()
                  + ", certificate "
                  + certificate.certificateId()
                  + ", certified at "
                  + certificate.certifiedAt());
        }
        line(result.standing() + took);
      }
      case FAILED -> line(paint.bad("FAILED") + "  " + failed(result) + took);
      case INTERRUPTED, ERROR ->
          line(
              paint.bad(result.outcome().word().toUpperCase(Locale.ROOT))
                  + took
                  + "; "
                  + result.standing());
    }
    out.flush();
  }

  private static String failed(RunResult result) {
    boolean closed = result.closed().contains(result.header().entrypoint());
    String what =
        closed
            ? "the store is closed"
            : result.header().mode().equals("certify")
                ? "nothing was published"
                : "rolled back, nothing was published";
    String gates =
        result.gates().stream()
            .filter(gate -> !gate.passed())
            .map(gate -> gate.gate().gate().id())
            .distinct()
            .collect(Collectors.joining(", "));
    return gates + "; " + what + "; " + result.standing();
  }

  private static String took(Duration duration) {
    return DurationText.readable(duration);
  }

  private void busy(String kind, String object) {
    left.begins(kind, object);
    TimeLeft ofRun = left;
    String counted = steps == 0 ? "" : done + " of " + steps + " · ";
    live.show(
        () ->
            "  … "
                + counted
                + ofRun.text().map(text -> text + " · ").orElse("")
                + kind
                + " "
                + object);
  }

  private void line(String text) {
    live.print(() -> out.println(text.stripTrailing()));
  }

  @Override
  public void close() {
    live.close();
  }
}
