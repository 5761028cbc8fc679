package io.guardedjdbc.refresher.graph;

import io.guardedjdbc.refresher.gate.Finding;
import io.guardedjdbc.refresher.graph.GraphNode.Kind;
import io.guardedjdbc.refresher.graph.GraphNode.Mark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Collects the nodes and edges of a graph, and puts findings where they belong. */
final class FoundMarks {
  private record Edge(String from, String to) {}

  private final String root;
  private final Map<String, GraphNode> nodes = new LinkedHashMap<>();
  private final Map<Edge, Mark> edges = new LinkedHashMap<>();
  private final Map<String, Mark> marks = new LinkedHashMap<>();
  private final Map<String, Set<String>> gates = new LinkedHashMap<>();

  FoundMarks(String root) {
    this.root = root;
  }

  boolean isEmpty() {
    return nodes.isEmpty();
  }

  boolean node(String name, Kind kind, boolean live, Optional<String> store) {
    return nodes.put(name, new GraphNode(name, kind, live, store, Mark.NONE, List.of())) == null;
  }

  boolean edge(String from, String to) {
    return edges.put(new Edge(from, to), Mark.NONE) == null;
  }

  /** A step: beside the table that it fills, or before what it reads. */
  boolean step(String from, String to, boolean fills) {
    String step = fills ? to : from;
    nodes.computeIfAbsent(
        step,
        name -> new GraphNode(name, Kind.STEP, false, Optional.empty(), Mark.NONE, List.of()));
    return edge(from, to);
  }

  /** Marks where a finding sits, and the way to it. */
  void mark(Finding finding) {
    List<String> path =
        new ArrayList<>(finding.path().stream().filter(nodes::containsKey).toList());
    if (path.isEmpty()) {
      // a finding about rows names a day or a column: those are the entrypoint's
      path.add(finding.object().filter(nodes::containsKey).orElse(root));
    }
    String end = path.get(path.size() - 1);
    boolean blocks = finding.blocks();
    marks.merge(end, blocks ? Mark.FAILED : Mark.WARNED, Mark::worse);
    gates.computeIfAbsent(end, name -> new LinkedHashSet<>()).add(finding.gate());
    Mark way = blocks ? Mark.FAIL_PATH : Mark.WARN_PATH;
    for (int i = 0; i + 1 < path.size(); i++) {
      marks.merge(path.get(i), way, Mark::worse);
      way(path.get(i), path.get(i + 1), way);
    }
  }

  /** A path goes from a table straight to what the step reads that fills it. */
  private void way(String from, String to, Mark way) {
    if (edges.computeIfPresent(new Edge(from, to), (edge, mark) -> mark.worse(way)) != null) {
      return;
    }
    for (GraphNode step : nodes.values()) {
      Edge fills = new Edge(from, step.name());
      Edge reads = new Edge(step.name(), to);
      if (step.kind() == Kind.STEP && edges.containsKey(fills) && edges.containsKey(reads)) {
        edges.merge(fills, way, Mark::worse);
        edges.merge(reads, way, Mark::worse);
        marks.merge(step.name(), way, Mark::worse);
      }
    }
  }

  List<GraphNode> nodes() {
    return nodes.values().stream()
        .map(
            node ->
                new GraphNode(
                    node.name(),
                    node.kind(),
                    node.live(),
                    node.store(),
                    marks.getOrDefault(node.name(), Mark.NONE),
                    List.copyOf(gates.getOrDefault(node.name(), Set.of()))))
        .toList();
  }

  List<GraphEdge> edges() {
    return edges.entrySet().stream()
        .map(edge -> new GraphEdge(edge.getKey().from(), edge.getKey().to(), edge.getValue()))
        .toList();
  }
}
