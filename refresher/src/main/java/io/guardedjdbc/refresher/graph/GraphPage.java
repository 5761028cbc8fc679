package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.gate.RecordedFindings;
import io.guardedjdbc.refresher.page.FindingList;
import io.guardedjdbc.refresher.page.Markup;
import io.guardedjdbc.refresher.page.Page;
import io.guardedjdbc.refresher.page.Style;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A graph as a page: the picture, what was found, and the same as a table. */
public final class GraphPage {
  private GraphPage() {}

  /**
   * The page.
   *
   * @param made one line for the foot
   */
  public static String of(ClosureGraph graph, String made) {
    Markup out = new Markup();
    out.open("header").open("h1").text(graph.status().store()).close();
    Page.verdict(out, graph.status());
    out.element("p", graph.status().entrypoint(), "class", "name");
    if (!graph.status().whyNot().isEmpty()) {
      out.element("p", graph.status().whyNot(), "class", "why");
    }
    out.closeLine();
    out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Closure");
    GraphSvg.draw(out, graph, false);
    out.closeLine();
    found(out, graph.run());
    table(out, graph);
    return Page.of("Closure of " + graph.status().store(), Style.graph(), out, made);
  }

  private static void found(Markup out, Optional<RecordedFindings> run) {
    out.open("section", "id", "findings");
    if (run.isEmpty()) {
      out.element("h2", "No run yet");
    } else {
      out.element("h2", "Run " + run.get().runId());
      out.element("p", run.get().headline(), "class", "quiet");
      run.get().aftermath().ifPresent(line -> out.element("p", line));
      FindingList.write(out, run.get().findings());
      if (run.get().findings().isEmpty()) {
        out.element("p", "No gate found anything.");
      }
    }
    out.closeLine();
  }

  private static void table(Markup out, ClosureGraph graph) {
    out.open("section", "id", "objects").element("h2", "The same as a table");
    out.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Objects");
    out.open("table").open("thead").open("tr");
    List.of("object", "kind", "reads", "found")
        .forEach(head -> out.element("th", head, "scope", "col"));
    out.close().close().open("tbody");
    for (GraphNode node : graph.nodes()) {
      out.open("tr", "class", node.mark().isEnd() ? node.mark().blocks() ? "bad" : "warn" : "");
      out.element("th", node.name(), "scope", "row", "class", "name");
      out.element("td", node.what());
      out.element(
          "td",
          graph.from(node).stream().map(GraphEdge::to).collect(Collectors.joining(", ")),
          "class",
          "name");
      out.element("td", String.join(", ", node.gates())).closeLine();
    }
    out.close().close().close().closeLine();
  }
}
