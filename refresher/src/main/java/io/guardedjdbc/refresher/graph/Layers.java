package io.guardedjdbc.refresher.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In which column and at which place of it each node stands: a column is the longest way from the
 * entrypoint, so that every arrow points to the right; within a column whatever crosses least, by
 * sweeps of barycentres (Sugiyama, Tagawa, Toda 1981). An arrow over several columns passes through
 * a {@link Slot} in each of them.
 */
final class Layers {
  private static final int SWEEPS = 12;

  /** A place in a column: a node, or an arrow that passes by (then {@code node} is null-named). */
  static final class Slot {
    final int column;
    final String node;
    final List<Slot> left = new ArrayList<>();
    final List<Slot> right = new ArrayList<>();
    int order;

    Slot(int column, String node) {
      this.column = column;
      this.node = node;
    }

    boolean isNode() {
      return !node.isEmpty();
    }

    private static double mean(List<Slot> slots, double otherwise) {
      return slots.stream().mapToDouble(slot -> slot.order).average().orElse(otherwise);
    }
  }

  final List<List<Slot>> columns = new ArrayList<>();

  /** The slots of each arrow that points to the right, from its reader to what is read. */
  final Map<GraphEdge, List<Slot>> ways = new LinkedHashMap<>();

  /** Arrows that close a cycle. */
  final List<GraphEdge> back = new ArrayList<>();

  final Map<String, Slot> slots = new HashMap<>();

  Layers(ClosureGraph graph) {
    Map<String, List<GraphEdge>> out = new HashMap<>();
    graph
        .edges()
        .forEach(edge -> out.computeIfAbsent(edge.from(), n -> new ArrayList<>()).add(edge));
    List<String> sorted = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (GraphNode node : graph.nodes()) {
      visit(node.name(), out, seen, new HashSet<>(), sorted);
    }
    Map<String, Integer> column = new HashMap<>();
    for (int i = sorted.size() - 1; i >= 0; i--) {
      String from = sorted.get(i);
      int next = column.computeIfAbsent(from, n -> 0) + 1;
      for (GraphEdge edge : out.getOrDefault(from, List.of())) {
        if (!back.contains(edge)) {
          column.merge(edge.to(), next, Math::max);
        }
      }
    }
    for (GraphNode node : graph.nodes()) {
      slots.put(node.name(), slot(column.getOrDefault(node.name(), 0), node.name()));
    }
    graph.edges().stream().filter(edge -> !back.contains(edge)).forEach(this::way);
    order();
  }

  /** Depth first; what comes out last is read by nobody. */
  private void visit(
      String node,
      Map<String, List<GraphEdge>> out,
      Set<String> seen,
      Set<String> above,
      List<String> sorted) {
    if (!seen.add(node)) {
      return;
    }
    above.add(node);
    for (GraphEdge edge : out.getOrDefault(node, List.of())) {
      if (above.contains(edge.to())) {
        back.add(edge);
      } else {
        visit(edge.to(), out, seen, above, sorted);
      }
    }
    above.remove(node);
    sorted.add(node);
  }

  private Slot slot(int column, String node) {
    while (columns.size() <= column) {
      columns.add(new ArrayList<>());
    }
    Slot slot = new Slot(column, node);
    slot.order = columns.get(column).size();
    columns.get(column).add(slot);
    return slot;
  }

  private void way(GraphEdge edge) {
    List<Slot> way = new ArrayList<>();
    Slot last = known(edge.from());
    Slot target = known(edge.to());
    way.add(last);
    for (int column = last.column + 1; column <= target.column; column++) {
      Slot next = column == target.column ? target : slot(column, "");
      last.right.add(next);
      next.left.add(last);
      way.add(next);
      last = next;
    }
    ways.put(edge, way);
  }

  Slot known(String node) {
    Slot slot = slots.get(node);
    if (slot == null) {
      throw new IllegalArgumentException("no such node: " + node);
    }
    return slot;
  }

  private void order() {
    long best = crossings();
    List<List<Slot>> kept = copy();
    for (int sweep = 0; sweep < SWEEPS && best > 0; sweep++) {
      boolean rightwards = sweep % 2 == 0;
      for (int i = 0; i < columns.size(); i++) {
        List<Slot> column = columns.get(rightwards ? i : columns.size() - 1 - i);
        Map<Slot, Double> place = new HashMap<>();
        column.forEach(
            slot -> place.put(slot, Slot.mean(rightwards ? slot.left : slot.right, slot.order)));
        column.sort(
            Comparator.comparingDouble(slot -> place.getOrDefault(slot, (double) slot.order)));
        number(column);
      }
      long now = crossings();
      if (now < best) {
        best = now;
        kept = copy();
      }
    }
    columns.clear();
    columns.addAll(kept);
    columns.forEach(Layers::number);
  }

  private static void number(List<Slot> column) {
    for (int i = 0; i < column.size(); i++) {
      column.get(i).order = i;
    }
  }

  private List<List<Slot>> copy() {
    List<List<Slot>> copy = new ArrayList<>();
    columns.forEach(column -> copy.add(new ArrayList<>(column)));
    return copy;
  }

  /** Two arrows cross where their order on the left is not that on the right. */
  private long crossings() {
    long sum = 0;
    for (int i = 0; i + 1 < columns.size(); i++) {
      // how many ends lie above each place so far, summed by powers of two (Fenwick 1994)
      int[] above = new int[columns.get(i + 1).size() + 1];
      int ends = 0;
      for (Slot slot : columns.get(i)) {
        List<Slot> right = new ArrayList<>(slot.right);
        right.sort(Comparator.comparingInt(to -> to.order));
        for (Slot to : right) {
          int before = 0;
          for (int place = to.order + 1; place > 0; place -= place & -place) {
            before += above[place];
          }
          sum += ends - before;
        }
        for (Slot to : right) {
          ends++;
          for (int place = to.order + 1; place < above.length; place += place & -place) {
            above[place]++;
          }
        }
      }
    }
    return sum;
  }
}
