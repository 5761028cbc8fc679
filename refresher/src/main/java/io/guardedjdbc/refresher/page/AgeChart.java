package io.guardedjdbc.refresher.page;

import io.guardedjdbc.refresher.text.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * An age over time against its limit: it grows with the clock and falls when there is something
 * new. Where the store was closed, the ground is coloured.
 */
final class AgeChart {
  private static final double WIDTH = 560;
  private static final double HEIGHT = 214;
  private static final double LEFT = 46;
  private static final double RIGHT = 14;
  private static final double TOP = 12;
  private static final double BOTTOM = 24;
  private static final Duration LONGEST = Duration.ofDays(14);
  private static final Duration SHORTEST = Duration.ofMinutes(10);

  private final String id;
  private final String title;
  private final Function<StoreHistory.Change, Optional<Instant>> birth;
  private final Function<StoreHistory.Change, Optional<Duration>> limit;
  private final boolean whileClosed;
  private final Instant from;
  private final Instant to;
  private Duration top = Duration.ofMinutes(1);

  /** From a change to the next one. */
  private record Span(StoreHistory.Change change, Instant begin, Instant end) {}

  private final List<Span> spans = new ArrayList<>();

  /**
   * Of a history.
   *
   * @param birth since when the age counts
   * @param whileClosed whether it goes on while the store is closed
   */
  AgeChart(
      String id,
      String title,
      StoreHistory history,
      boolean whileClosed,
      Function<StoreHistory.Change, Optional<Instant>> birth,
      Function<StoreHistory.Change, Optional<Duration>> limit) {
    this.id = id;
    this.title = title;
    this.whileClosed = whileClosed;
    this.birth = birth;
    this.limit = limit;
    this.to = history.now();
    Instant first = history.changes().isEmpty() ? to : history.changes().get(0).at();
    Instant earliest = to.minus(LONGEST);
    Instant latest = to.minus(SHORTEST);
    this.from = first.isBefore(earliest) ? earliest : first.isAfter(latest) ? latest : first;
    List<StoreHistory.Change> changes = history.changes();
    for (int i = 0; i < changes.size(); i++) {
      StoreHistory.Change change = changes.get(i);
      Instant begin = change.at().isBefore(from) ? from : change.at();
      Instant end = i + 1 < changes.size() ? changes.get(i + 1).at() : to;
      if (end.isAfter(begin)) {
        spans.add(new Span(change, begin, end));
        birth.apply(change).ifPresent(born -> top = longer(top, Duration.between(born, end)));
        limit.apply(change).ifPresent(most -> top = longer(top, most));
      }
    }
    top = top.plus(top.dividedBy(9));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  void draw(Markup out) {
    out.open("figure", "class", "chart").element("figcaption", title);
    out.open(
        "svg",
        "id",
        id,
        "role",
        "img",
        "aria-labelledby",
        id + "-title",
        "viewBox",
        "0 0 " + Markup.number(WIDTH) + " " + Markup.number(HEIGHT));
    out.element("title", sentence(), "id", id + "-title");
    spans.stream().filter(span -> !span.change().certified()).forEach(span -> closed(out, span));
    axes(out);
    spans.forEach(span -> age(out, span));
    limits(out);
    out.close().closeLine();
  }

  private String sentence() {
    if (spans.isEmpty()) {
      return title + ": nothing recorded in the last 30 days";
    }
    StoreHistory.Change last = spans.get(spans.size() - 1).change();
    return title
        + ": "
        + birth
            .apply(last)
            .map(born -> DurationText.readable(Duration.between(born, to)))
            .orElse("unknown")
        + " now, "
        + limit.apply(last).map(most -> "limit " + DurationText.readable(most)).orElse("no limit");
  }

  private void closed(Markup out, Span span) {
    double left = x(span.begin());
    double width = Math.max(1.5, x(span.end()) - left);
    out.open(
        "rect",
        "class",
        "closed",
        "x",
        left,
        "y",
        TOP,
        "width",
        width,
        "height",
        HEIGHT - TOP - BOTTOM);
    out.element(
        "title",
        span.change().status()
            + span.change().failedGate().map(gate -> ", gate " + gate).orElse("")
            + " since "
            + span.change().at());
    out.close();
    if (width > 46) {
      out.element("text", "closed", "class", "bad", "x", left + 5, "y", HEIGHT - BOTTOM - 6);
    }
  }

  private void axes(Markup out) {
    for (Duration age : Ticks.lengths(top, 5)) {
      out.empty(
          "path",
          "class",
          "grid",
          "d",
          "M" + Markup.number(LEFT) + " " + y(age) + "H" + Markup.number(WIDTH - RIGHT));
      out.element(
          "text", text(age), "class", "end", "x", LEFT - 6, "y", Double.parseDouble(y(age)) + 3.5);
    }
    for (Instant moment : Ticks.moments(from, to, 7)) {
      if (x(moment) < WIDTH - RIGHT - 12) {
        out.element("text", Ticks.text(moment), "class", "middle", "x", x(moment), "y", HEIGHT - 8);
      }
    }
  }

  private void age(Markup out, Span span) {
    Optional<Instant> born = birth.apply(span.change());
    if (born.isEmpty() || !(whileClosed || span.change().certified())) {
      return;
    }
    Instant due = limit.apply(span.change()).map(born.get()::plus).orElse(Instant.MAX);
    if (span.begin().isBefore(due)) {
      line(out, "age", born.get(), span.begin(), span.end().isBefore(due) ? span.end() : due);
    }
    if (span.end().isAfter(due)) {
      line(out, "age over", born.get(), span.begin().isAfter(due) ? span.begin() : due, span.end());
    }
    if (span.end().equals(to)) {
      out.empty(
          "circle",
          "class",
          to.isBefore(due) ? "now" : "now over",
          "cx",
          x(to),
          "cy",
          y(Duration.between(born.get(), to)),
          "r",
          3.5);
    }
  }

  private void line(Markup out, String style, Instant born, Instant begin, Instant end) {
    String left = Markup.number(x(begin));
    String right = Markup.number(x(end));
    String upper = y(Duration.between(born, end));
    String lower = y(Duration.between(born, begin));
    String ground = y(Duration.ZERO);
    out.empty(
        "path",
        "class",
        "under " + style,
        "d",
        "M" + left + " " + ground + "V" + lower + "L" + right + " " + upper + "V" + ground + "Z");
    out.empty("path", "class", style, "d", "M" + left + " " + lower + "L" + right + " " + upper);
  }

  private void limits(Markup out) {
    Optional<Duration> told = Optional.empty();
    double left = LEFT;
    for (Span span : spans) {
      Optional<Duration> most = limit.apply(span.change());
      double right = x(span.end());
      if (most.isPresent()) {
        limit(out, most.get(), left, right, !most.equals(told));
      }
      told = most;
      left = right;
    }
  }

  private void limit(Markup out, Duration most, double left, double right, boolean named) {
    String level = y(most);
    out.empty(
        "path",
        "class",
        "limit",
        "d",
        "M" + Markup.number(left) + " " + level + "H" + Markup.number(right));
    if (named) {
      boolean narrow = left > WIDTH - 100;
      out.element(
          "text",
          "limit " + text(most),
          "class",
          narrow ? "limit-text end" : "limit-text",
          "x",
          narrow ? WIDTH - RIGHT : left + 5,
          "y",
          Double.parseDouble(level) - 5);
    }
  }

  private static String text(Duration age) {
    return age.isZero() ? "0" : DurationText.readable(age).replace(".0 s", " s");
  }

  private double x(Instant moment) {
    double share =
        (double) Duration.between(from, moment).toMillis() / Duration.between(from, to).toMillis();
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private String y(Duration age) {
    double share = (double) age.toMillis() / top.toMillis();
    return Markup.number(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM));
  }
}
