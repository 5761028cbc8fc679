package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.page.StoreHistory.PastRun;
import io.guardedjdbc.refresher.page.StoreHistory.PastStep;
import io.guardedjdbc.refresher.text.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How long each view took in each run: a column a run, a row a view; each row to a scale of its
 * own, so that what became slower is seen, and its figures beside it.
 */
final class RunChart {
  private static final double CHARACTER = 7.4;
  private static final double PITCH = 20;
  private static final double BAR = 13;
  private static final double ROW = 27;
  private static final double HEAD = 46;
  private static final double FIGURES = 190;
  private static final int CHARACTERS = 54;

  private final String id;
  private final List<PastRun> runs;
  private final List<String> objects;

  /** Where the bars begin: behind the longest name, so that a narrow window shows them. */
  private final double left;

  RunChart(String id, List<PastRun> runs) {
    this.id = id;
    this.runs = runs;
    this.objects = objects(runs);
    int longest =
        Stream.concat(Stream.of("whole run"), objects.stream())
            .mapToInt(String::length)
            .max()
            .orElse(0);
    this.left = Math.min(longest, CHARACTERS) * CHARACTER + 12;
  }

  void draw(Markup out) {
    double width = left + runs.size() * PITCH + FIGURES;
    double height = HEAD + (objects.size() + 2) * ROW + 4;
    out.open(
        "svg",
        "class",
        "runs",
        "id",
        id,
        "role",
        "img",
        "aria-labelledby",
        id + "-title",
        "width",
        width,
        "height",
        height,
        "viewBox",
        "0 0 " + Markup.number(width) + " " + Markup.number(height));
    out.element(
        "title",
        "Duration of the last " + runs.size() + " runs, view by view",
        "id",
        id + "-title");
    for (int i = 0; i < runs.size(); i++) {
      outcome(out, runs.get(i), left + i * PITCH);
    }
    double right = left + runs.size() * PITCH;
    out.element("text", "last", "class", "end", "x", right + 84, "y", 34);
    out.element("text", "median", "class", "end", "x", right + 168, "y", 34);
    row(out, 0, "whole run", PastRun::took);
    row(out, 1, "gates", run -> sum(run, step -> step.kind().equals("gate")));
    for (int i = 0; i < objects.size(); i++) {
      String object = objects.get(i);
      row(
          out,
          i + 2,
          object,
          run -> sum(run, step -> step.changes() && step.object().equals(object)));
    }
    out.closeLine();
  }

  /** In the order of the latest run that has them. */
  private static List<String> objects(List<PastRun> runs) {
    Set<String> objects = new LinkedHashSet<>();
    for (int i = runs.size() - 1; i >= 0; i--) {
      runs.get(i).steps().stream()
          .filter(PastStep::changes)
          .forEach(step -> objects.add(step.object()));
    }
    return List.copyOf(objects);
  }

  private interface Which {
    boolean is(PastStep step);
  }

  private static Optional<Duration> sum(PastRun run, Which which) {
    List<PastStep> own = run.steps().stream().filter(which::is).toList();
    return own.isEmpty()
        ? Optional.empty()
        : Optional.of(own.stream().map(PastStep::took).reduce(Duration.ZERO, Duration::plus));
  }

  private static void outcome(Markup out, PastRun run, double x) {
    String grade =
        switch (run.outcome()) {
          case "certified" -> "good";
          case "running" -> "warn";
          default -> "bad";
        };
    String sign = grade.equals("good") ? "✓" : grade.equals("warn") ? "…" : "✗";
    out.open("g", "class", "outcome " + grade);
    out.element(
        "title",
        "run "
            + run.id()
            + ", "
            + run.mode()
            + ", "
            + run.outcome()
            + ", "
            + run.started()
            + run.took().map(took -> ", " + DurationText.readable(took)).orElse(""));
    out.element("text", Long.toString(run.id()), "class", "middle", "x", x + PITCH / 2, "y", 12);
    out.empty("rect", "x", x + 2, "y", 19, "width", PITCH - 4, "height", PITCH - 2, "rx", 4);
    out.element("text", sign, "class", "middle sign", "x", x + PITCH / 2, "y", 32.5).close();
  }

  private void row(
      Markup out, int number, String name, Function<PastRun, Optional<Duration>> duration) {
    double ground = HEAD + (number + 1) * ROW - 3;
    List<Optional<Duration>> times = runs.stream().map(duration).toList();
    List<Duration> sorted = times.stream().flatMap(Optional::stream).sorted().toList();
    if (sorted.isEmpty()) {
      return;
    }
    out.open("g").element("title", name);
    String shown = name.length() <= CHARACTERS ? name : name.substring(0, CHARACTERS - 1) + "…";
    out.element("text", shown, "class", number < 2 ? "" : "mono", "x", 0, "y", ground - 5);
    out.empty(
        "path",
        "class",
        "grid",
        "d",
        "M"
            + Markup.number(left)
            + " "
            + Markup.number(ground)
            + "h"
            + Markup.number(runs.size() * PITCH));
    double most = Math.max(1, sorted.get(sorted.size() - 1).toMillis());
    for (int i = 0; i < times.size(); i++) {
      bar(out, runs.get(i), times.get(i), left + i * PITCH, ground, most);
    }
    double right = left + runs.size() * PITCH;
    List<Duration> inOrder = new ArrayList<>(times.stream().flatMap(Optional::stream).toList());
    String last = DurationText.readable(inOrder.get(inOrder.size() - 1));
    String median = DurationText.readable(sorted.get(sorted.size() / 2));
    out.element("text", last, "class", "end", "x", right + 84, "y", ground - 5);
    out.element("text", median, "class", "end", "x", right + 168, "y", ground - 5);
    out.closeLine();
  }

  private static void bar(
      Markup out, PastRun run, Optional<Duration> took, double x, double ground, double most) {
    took.ifPresent(
        time -> {
          double height = Math.max(1.5, time.toMillis() / most * (ROW - 8));
          String style = run.outcome().equals("certified") ? "bar" : "bar not";
          out.open(
              "rect",
              "class",
              style,
              "x",
              x + (PITCH - BAR) / 2,
              "y",
              ground - height,
              "width",
              BAR,
              "height",
              height,
              "rx",
              1.5);
          out.element("title", "run " + run.id() + ": " + DurationText.readable(time)).close();
        });
  }
}
