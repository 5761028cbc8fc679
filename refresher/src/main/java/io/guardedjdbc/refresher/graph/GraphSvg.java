package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.graph.GraphNode.Kind;
import io.guardedjdbc.refresher.graph.GraphNode.Mark;
import io.guardedjdbc.refresher.page.Markup;
import io.guardedjdbc.refresher.page.Style;
import io.guardedjdbc.refresher.report.StoreStatus;
import java.util.List;
import java.util.Locale;

/** Draws a graph as SVG: for a page, or as a file of its own. */
public final class GraphSvg {
  private static final double LEGEND = 74;
  private static final double LEAST_WIDTH = 760;

  private GraphSvg() {}

  /** A file of its own: brings its colours and follows the reader's choice of light or dark. */
  public static String file(ClosureGraph graph) {
    Markup out = new Markup();
    out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    draw(out, graph, true);
    return out.toString();
  }

  /** Draws it into a page that has the style sheets. */
  static void draw(Markup out, ClosureGraph graph, boolean alone) {
    Layout layout = new Layout(graph);
    double width = Math.max(layout.width, LEAST_WIDTH);
    double height = layout.height + LEGEND;
    out.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "graph",
        "id",
        "graph-" + graph.status().store(),
        "role",
        "img",
        "aria-labelledby",
        "graph-title graph-description",
        "width",
        width,
        "height",
        height,
        "viewBox",
        "0 0 " + Markup.number(width) + " " + Markup.number(height));
    out.element("title", "What " + graph.status().entrypoint() + " reads", "id", "graph-title");
    out.element("desc", graph.sentence(), "id", "graph-description");
    if (alone) {
      out.open("style").raw(Style.colors() + Style.graph()).close();
      out.empty("rect", "class", "canvas", "width", "100%", "height", "100%");
    }
    out.raw("\n");
    layout.arrows.forEach(arrow -> arrow(out, arrow));
    layout.boxes.forEach(placed -> box(out, graph, placed));
    legend(out, layout.height);
    out.closeLine();
  }

  private static void arrow(Markup out, Layout.Arrow arrow) {
    Mark mark = arrow.edge().mark();
    out.open("g", "class", mark == Mark.NONE ? "way" : way(mark));
    out.element("title", arrow.edge().from() + " reads " + arrow.edge().to());
    out.empty("path", "class", "edge", "d", arrow.path());
    out.empty("path", "class", "tip", "d", arrow.tip());
    out.closeLine();
  }

  private static String way(Mark mark) {
    return mark.blocks() ? "fail-path" : "warn-path";
  }

  private static void box(Markup out, ClosureGraph graph, Layout.Placed placed) {
    Box box = placed.box();
    GraphNode node = box.node();
    boolean root = node.equals(graph.entrypoint());
    String classes = word(node.kind()) + (root ? " root" : "") + marked(node.mark());
    out.open(
        "g",
        "class",
        classes,
        "transform",
        "translate(" + Markup.number(placed.x()) + " " + Markup.number(placed.y()) + ")");
    out.element("title", tooltip(node));
    frame(out, node.kind(), box.height());
    double y = Box.PAD + Box.LINE - 4;
    out.element("text", box.kind(), "class", "kind", "x", 14, "y", y);
    for (String line : box.name()) {
      y += Box.LINE;
      out.element("text", line, "x", 14, "y", y);
    }
    for (String gate : box.gates()) {
      y += Box.LINE;
      out.element("text", gate, "class", "gate", "x", 14, "y", y);
    }
    if (root) {
      state(out, graph.status());
    }
    out.closeLine();
  }

  private static void frame(Markup out, Kind kind, double height) {
    double round = kind == Kind.FUNCTION ? 14 : kind == Kind.TABLE ? 1.5 : 6;
    out.empty("rect", "class", "box", "width", Box.WIDTH, "height", height, "rx", round);
    out.empty(
        "rect", "class", "stripe", "x", 5, "y", 8, "width", 3.5, "height", height - 16, "rx", 1.7);
  }

  /** The certificate, on top of the entrypoint's box. */
  private static void state(Markup out, StoreStatus status) {
    String grade =
        switch (status.verdict()) {
          case CERTIFIED -> "good";
          case AGING -> "warn";
          case TOO_OLD, CLOSED, NO_CERTIFICATE -> "bad";
        };
    String text =
        (grade.equals("good") ? "✓ " : grade.equals("warn") ? "! " : "✗ ")
            + status.verdictWord().replace('_', ' ').toUpperCase(Locale.ROOT)
            + status.certificateId().map(id -> " · certificate " + id).orElse("");
    out.element("text", text, "class", "gate " + grade, "x", 2, "y", -8);
  }

  private static String tooltip(GraphNode node) {
    return node.name()
        + ", "
        + node.what()
        + (node.gates().isEmpty() ? "" : ": " + String.join(", ", node.gates()));
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String marked(Mark mark) {
    return switch (mark) {
      case NONE -> "";
      case WARN_PATH -> " on-warn-path";
      case WARNED -> " warned";
      case FAIL_PATH -> " on-fail-path";
      case FAILED -> " failed";
    };
  }

  private static void legend(Markup out, double top) {
    out.open("g", "transform", "translate(14 " + Markup.number(top + 12) + ")");
    double x = 0;
    for (Kind kind : List.of(Kind.VIEW, Kind.MATVIEW, Kind.TABLE, Kind.FUNCTION, Kind.STEP)) {
      out.open("g", "class", word(kind), "transform", "translate(" + Markup.number(x) + " 0)");
      out.empty(
          "rect",
          "class",
          "box",
          "width",
          22,
          "height",
          15,
          "rx",
          kind == Kind.FUNCTION ? 7 : kind == Kind.TABLE ? 1 : 4);
      out.empty("rect", "class", "stripe", "x", 3, "y", 3, "width", 3.5, "height", 9, "rx", 1.7);
      out.element("text", kind.word(), "class", "kind", "x", 28, "y", 11.5).close();
      x += 50 + kind.word().length() * 6.2;
    }
    out.element("text", "live: read or computed at every read", "class", "kind", "x", x, "y", 11.5);
    x = 0;
    x = way(out, x, "way", "A → B: A reads B");
    x = way(out, x, "fail-path", "path to what failed");
    x = way(out, x, "warn-path", "path to a warning");
    x = mark(out, x, "failed", "✗ gate failed");
    mark(out, x, "warned", "! gate warns");
    out.closeLine();
  }

  private static double way(Markup out, double x, String style, String text) {
    Line line = new Line(x, 37);
    line.straight(x + 34, 37);
    out.open("g", "class", style);
    out.empty("path", "class", "edge", "d", line.toString());
    out.empty("path", "class", "tip", "d", line.tip(1));
    out.element("text", text, "class", "kind", "x", x + 40, "y", 40.5).close();
    return x + 62 + text.length() * 5.8;
  }

  private static double mark(Markup out, double x, String style, String text) {
    double width = 18 + text.length() * 6.4;
    out.open("g", "class", style);
    out.empty("rect", "class", "box", "x", x, "y", 27, "width", width, "height", 20, "rx", 5);
    out.element("text", text, "class", "kind gate", "x", x + 8, "y", 40.5).close();
    return x + width + 14;
  }
}
