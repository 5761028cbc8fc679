package io.guardedjdbc.examples.figures;

import io.guardedjdbc.refresher.gate.GateResult;
import io.guardedjdbc.refresher.run.RunListener;
import io.guardedjdbc.refresher.run.StepKind;
import io.guardedjdbc.refresher.run.StepResult;
import java.util.HashMap;
import java.util.Map;

/** How long the parts of a run took: from the begin of the first refresh to the end of the last. */
final class Phases implements RunListener {
  private final Map<String, Double> views = new HashMap<>();
  private long firstNanos;
  private long lastNanos;
  private double gateMillis;
  private double publishMillis;

  @Override
  public void stepStarted(StepKind kind, String object) {
    if (kind == StepKind.REFRESH && firstNanos == 0) {
      firstNanos = System.nanoTime();
    }
  }

  @Override
  public void stepFinished(StepResult step) {
    if (step.kind() == StepKind.REFRESH) {
      lastNanos = System.nanoTime();
      views.put(step.object(), step.took().toNanos() / 1e6);
    } else if (step.kind() == StepKind.PUBLISH) {
      publishMillis = step.took().toNanos() / 1e6;
    }
  }

  @Override
  public void gateFinished(GateResult gate) {
    gateMillis += gate.took().toNanos() / 1e6;
  }

  double refreshMillis() {
    return (lastNanos - firstNanos) / 1e6;
  }

  double gateMillis() {
    return gateMillis;
  }

  double publishMillis() {
    return publishMillis;
  }

  Map<String, Double> views() {
    return views;
  }
}
