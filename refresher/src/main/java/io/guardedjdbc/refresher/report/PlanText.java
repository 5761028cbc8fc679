package io.guardedjdbc.refresher.report;

import io.guardedjdbc.refresher.gate.ConfiguredGate;
import io.guardedjdbc.refresher.gate.GateKind;
import io.guardedjdbc.refresher.plan.Plan;
import io.guardedjdbc.refresher.plan.PlanStep;
import io.guardedjdbc.refresher.plan.PublishChoice;
import io.guardedjdbc.refresher.plan.PublishMode;
import io.guardedjdbc.refresher.plan.Touched;
import io.guardedjdbc.refresher.plan.Upstream;
import io.guardedjdbc.refresher.plan.VoidedCertificate;
import io.guardedjdbc.refresher.text.DurationText;
import java.io.PrintWriter;
import java.util.Locale;

/** Prints what a run would do. */
public final class PlanText {
  private final PrintWriter out;
  private final Paint paint;

  /** Prints to this writer. */
  public PlanText(PrintWriter out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  /**
   * Prints it.
   *
   * @param named the store or its file, as the person named it, and the mode that was asked for
   */
  public void print(Plan plan, PublishChoice choice, String named, Forecast forecast) {
    boolean atomic = choice.mode() == PublishMode.ATOMIC;
    out.println(
        paint.strong(plan.policy().store())
            + paint.dot()
            + plan.policy().entrypoint()
            + paint.dot()
            + choice.mode().word()
            + paint.dot()
            + "time zone "
            + plan.policy().timeZone()
            + forecast
                .whole()
                .map(time -> paint.dot() + "about " + DurationText.readable(time))
                .orElse(""));
    choice.reasons().forEach(why -> out.println(paint.warn(choice.mode().word() + ": ") + why));
    out.println(paint.dim("1. definition gates; a failure closes the store"));
    gates(plan, GateKind.DEFINITION);
    out.println(
        paint.dim(
            atomic
                ? "2. one transaction; readers keep the last certified rows until its commit"
                : "2. the store is closed and leases run out; then each step in a commit of its own"));
    for (Upstream upstream : plan.upstream()) {
      out.println(
          "      needs the certificate of "
              + upstream.entrypoint()
              + " of store "
              + upstream.store()
              + upstream
                  .missing()
                  .map(
                      why ->
                          paint.warn(
                              ", which has none now ("
                                  + why
                                  + "). Run: refresher run "
                                  + upstream.store()))
                  .orElse(""));
    }
    for (PlanStep step : plan.steps()) {
      step(step, choice.mode(), forecast);
    }
    out.println(
        paint.dim(
            atomic
                ? "3. data gates, in that transaction; a failure rolls it back and the old certificate stands"
                : "3. data gates; a failure leaves the store closed"));
    gates(plan, GateKind.DATA);
    out.println(
        paint.dim(
            atomic
                ? "4. certificate and data become visible by one commit, for"
                : "4. readers are refused from the closing to the certificate of"));
    out.println("  " + plan.policy().entrypoint());
    for (Touched touched : plan.touched()) {
      out.println(
          "  "
              + touched.entrypoint()
              + " of store "
              + touched.store()
              + ", which shares "
              + String.join(", ", touched.objects()));
    }
    for (VoidedCertificate voided : plan.voided()) {
      out.println(
          paint.warn("  takes away: ")
              + "the certificate of "
              + voided.entrypoint()
              + ", which reads "
              + String.join(", ", voided.objects())
              + " and is certified by no store");
    }
    if (atomic && !plan.closed().isEmpty()) {
      out.println(
          paint.warn("  waits before that commit: ")
              + "until no lease is left on "
              + String.join(", ", plan.closed())
              + ", which has no certificate now; refresh and gates count");
    }
    if (atomic) {
      out.println(
          paint.dim(
              "The transaction holds back VACUUM and may cancel queries on standbys; it takes"
                  + " temporary disk for the differences, and leaves WAL and dead rows for each"
                  + " row that differs. Limit it: --transaction-timeout. Instead: --mode staged"));
    }
    out.println("Nothing was changed. To do it: refresher run " + named);
    out.flush();
  }

  private void gates(Plan plan, GateKind kind) {
    for (ConfiguredGate gate : plan.gates()) {
      if (gate.gate().kind() == kind) {
        out.printf(
            Locale.ROOT,
            "  %-22s %s%s%n",
            gate.gate().id(),
            gate.gate().checks(),
            gate.severity().equals("warn") ? " (warns only)" : "");
      }
    }
  }

  private void step(PlanStep step, PublishMode mode, Forecast forecast) {
    String how =
        step.kind() == PlanStep.Kind.SQL
            ? "sql step"
            : step.concurrently() && mode != PublishMode.BLOCKING ? "concurrently" : "plain";
    String after =
        step.dependsOn().isEmpty()
            ? ""
            : paint.dim("  after " + String.join(", ", step.dependsOn()));
    out.println(
        (String.format(
                    Locale.ROOT,
                    "  %2d  %-46s %-12s %8s%18s",
                    step.position(),
                    step.object(),
                    how,
                    forecast.of(step).map(DurationText::readable).orElse(""),
                    forecast
                        .rows(step)
                        .map(rows -> String.format(Locale.ROOT, "%,d rows", rows))
                        .orElse(""))
                + after)
            .stripTrailing());
  }
}
