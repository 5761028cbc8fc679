package io.guardedjdbc.examples.figures;

import io.guardedjdbc.refresher.plan.PublishMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The refresh part of an atomic publish of six views against six bare statements, and what staged
 * mode gains by two at a time. Every measurement has the same number of changed rows to find.
 */
final class PublishFigures {
  private final FigureStore store;
  private final int rounds;
  private final Spread bare = new Spread();
  private final Spread atomic = new Spread();
  private final Spread gates = new Spread();
  private final Spread publish = new Spread();
  private final Spread whole = new Spread();
  private final Spread oneByOne = new Spread();
  private final Spread sideBySide = new Spread();
  private final Map<String, Spread> views = new LinkedHashMap<>();

  PublishFigures(FigureStore store, int rounds) {
    this.store = store;
    this.rounds = rounds;
  }

  void measure(Figures figures) throws Exception {
    for (int round = 0; round < rounds; round++) {
      List<FigureServer.Timed> turn = List.of(this::bare, this::atomic, this::staged);
      for (int i = 0; i < turn.size(); i++) {
        store.changeInput();
        turn.get((round + i) % turn.size()).run();
      }
    }
    figures.row(
        "six bare REFRESH … CONCURRENTLY",
        bare.toString(),
        "the runbook's way, " + rounds + " rounds");
    figures.row(
        "refresh part of an atomic publish",
        atomic.toString(),
        String.format(
            Locale.ROOT,
            "ratio of medians %.3f; aim at most 1.10",
            atomic.median() / bare.median()));
    figures.row("its gates", gates.toString(), "dataset-hash and all others of the store");
    figures.row("its publish and commit", publish.toString(), "");
    figures.row(
        "the run as a whole",
        whole.toString(),
        String.format(
            Locale.ROOT,
            "with connections, plan, journal, ANALYZE; %.3f of bare",
            whole.median() / bare.median()));
    double total = views.values().stream().mapToDouble(Spread::median).sum();
    double path = criticalPath();
    double bound = total / Math.max(path, total / 2);
    double gained = oneByOne.median() / sideBySide.median();
    figures.row("staged, one view at a time", oneByOne.toString(), "sum of its steps");
    figures.row(
        "staged, two at a time",
        sideBySide.toString(),
        String.format(
            Locale.ROOT,
            "speed-up %.2f; critical path %.0f of %.0f ms and two cores allow %.2f; %.2f of it, aim at least 0.85",
            gained,
            path,
            total,
            bound,
            gained / bound));
  }

  private void bare() throws Exception {
    double sum = 0;
    for (String view : FigureStore.SIX_VIEWS) {
      sum +=
          FigureServer.millis(
              () ->
                  FigureServer.run(
                      store.connection(), "REFRESH MATERIALIZED VIEW CONCURRENTLY " + view));
    }
    bare.add(sum);
  }

  private void atomic() throws Exception {
    Phases phases = new Phases();
    whole.add(FigureServer.millis(() -> store.run(PublishMode.ATOMIC, 2, phases)));
    atomic.add(phases.refreshMillis());
    gates.add(phases.gateMillis());
    publish.add(phases.publishMillis());
  }

  private void staged() {
    Phases alone = new Phases();
    store.run(PublishMode.STAGED, 1, alone);
    alone
        .views()
        .forEach((view, millis) -> views.computeIfAbsent(view, v -> new Spread()).add(millis));
    oneByOne.add(alone.refreshMillis());
    again();
    Phases phases = new Phases();
    store.run(PublishMode.STAGED, 2, phases);
    sideBySide.add(phases.refreshMillis());
  }

  private void again() {
    try {
      store.changeInput();
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Of the six only the anchors come before another: the two feature views, one after the other.
   */
  private double criticalPath() {
    double chain =
        FigureStore.SIX_VIEWS.subList(0, 3).stream().mapToDouble(view -> median(view)).sum();
    return FigureStore.SIX_VIEWS.subList(3, 6).stream()
        .mapToDouble(this::median)
        .reduce(chain, Math::max);
  }

  private double median(String view) {
    return views.getOrDefault(view, new Spread()).median();
  }
}
