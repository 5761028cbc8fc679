package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.graph.GraphNode.Mark;
import io.guardedjdbc.refresher.report.Paint;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Prints a graph as a tree; what stands in it twice is told once. */
public final class GraphText {
  private final PrintWriter out;
  private final Paint paint;
  private final Set<String> told = new HashSet<>();

  /** Prints to this writer. */
  public GraphText(PrintWriter out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  /** Prints it. */
  public void print(ClosureGraph graph) {
    print(graph, graph.entrypoint(), "", "");
    out.println(graph.sentence());
    out.flush();
  }

  private void print(ClosureGraph graph, GraphNode node, String branch, String below) {
    List<GraphEdge> reads = graph.from(node);
    boolean again = !told.add(node.name()) && !reads.isEmpty();
    out.println(
        branch
            + name(node)
            + "  "
            + paint.dim(node.what() + (again ? ", see above" : ""))
            + found(node));
    if (again) {
      return;
    }
    for (int i = 0; i < reads.size(); i++) {
      GraphEdge edge = reads.get(i);
      boolean last = i == reads.size() - 1;
      GraphNode to = graph.node(edge.to()).orElseThrow();
      print(
          graph,
          to,
          below + fork(last, edge.mark()),
          below + (last ? "   " : paint.unicode() ? "│  " : "|  "));
    }
  }

  private String fork(boolean last, Mark mark) {
    String line = paint.unicode() ? (last ? "└─ " : "├─ ") : last ? "`- " : "|- ";
    return mark == Mark.NONE ? line : mark.blocks() ? paint.bad(line) : paint.warn(line);
  }

  private String name(GraphNode node) {
    return switch (node.mark()) {
      case FAILED -> paint.bad(node.name());
      case WARNED -> paint.warn(node.name());
      default -> node.name();
    };
  }

  private String found(GraphNode node) {
    if (!node.mark().isEnd()) {
      return "";
    }
    String gates = String.join(", ", node.gates());
    return node.mark() == Mark.FAILED
        ? paint.bad(" <- FAILED " + gates)
        : paint.warn(" <- warned " + gates);
  }
}
