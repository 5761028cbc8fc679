package io.guardedjdbc.refresher.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where boxes and arrows are drawn, in pixels; column by column from the entrypoint to the right.
 */
final class Layout {
  private static final double ACROSS = 50;
  private static final double DOWN = 14;
  private static final double PASSING = 8;
  private static final double MARGIN = 14;
  private static final int ROUNDS = 8;

  /** A box with its upper left corner. */
  record Placed(Box box, double x, double y) {}

  /** An arrow as SVG path data, its head apart. */
  record Arrow(GraphEdge edge, String path, String tip) {}

  final List<Placed> boxes = new ArrayList<>();
  final List<Arrow> arrows = new ArrayList<>();
  double width;
  double height;

  private final Layers layers;
  private final Map<String, Box> content = new HashMap<>();
  private final Map<Layers.Slot, Double> middle = new HashMap<>();

  Layout(ClosureGraph graph) {
    this.layers = new Layers(graph);
    graph.nodes().forEach(node -> content.put(node.name(), Box.of(node)));
    spread();
    double top = Double.MAX_VALUE;
    double bottom = 0;
    for (List<Layers.Slot> column : layers.columns) {
      for (Layers.Slot slot : column) {
        top = Math.min(top, middle(slot) - size(slot) / 2);
        bottom = Math.max(bottom, middle(slot) + size(slot) / 2);
      }
    }
    double up = MARGIN - top;
    middle.replaceAll((slot, y) -> y + up);
    width = 2 * MARGIN + layers.columns.size() * (Box.WIDTH + ACROSS) - ACROSS;
    height = bottom + up + MARGIN;
    for (GraphNode node : graph.nodes()) {
      Layers.Slot slot = layers.known(node.name());
      boxes.add(new Placed(box(node.name()), x(slot), middle(slot) - size(slot) / 2));
    }
    layers.ways.forEach((edge, way) -> arrows.add(arrow(edge, forwards(way), 1)));
    layers.back.forEach(edge -> arrows.add(arrow(edge, backwards(edge), -1)));
    // what matters is drawn last, on top of the rest
    arrows.sort(Comparator.comparing(arrow -> arrow.edge().mark()));
  }

  private Box box(String node) {
    Box box = content.get(node);
    if (box == null) {
      throw new IllegalArgumentException("no such node: " + node);
    }
    return box;
  }

  private double size(Layers.Slot slot) {
    return slot.isNode() ? box(slot.node).height() : PASSING;
  }

  private double middle(Layers.Slot slot) {
    return middle.getOrDefault(slot, 0.0);
  }

  private static double x(Layers.Slot slot) {
    return MARGIN + slot.column * (Box.WIDTH + ACROSS);
  }

  private void spread() {
    for (List<Layers.Slot> column : layers.columns) {
      double y = 0;
      for (Layers.Slot slot : column) {
        middle.put(slot, y + size(slot) / 2);
        y += size(slot) + DOWN;
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      boolean rightwards = round % 2 == 1;
      for (int i = 0; i < layers.columns.size(); i++) {
        settle(layers.columns.get(rightwards ? i : layers.columns.size() - 1 - i));
      }
    }
  }

  /** Moves a column to where its neighbours are, on both sides. */
  private void settle(List<Layers.Slot> column) {
    double[] wishes = new double[column.size()];
    double[] sizes = new double[column.size()];
    for (int i = 0; i < wishes.length; i++) {
      Layers.Slot slot = column.get(i);
      List<Layers.Slot> neighbours = new ArrayList<>(slot.left);
      neighbours.addAll(slot.right);
      wishes[i] = neighbours.stream().mapToDouble(this::middle).average().orElse(middle(slot));
      sizes[i] = size(slot);
    }
    double[] places = Spacing.place(wishes, sizes, DOWN);
    for (int i = 0; i < places.length; i++) {
      middle.put(column.get(i), places[i]);
    }
  }

  private static Arrow arrow(GraphEdge edge, Line line, int direction) {
    return new Arrow(edge, line.toString(), line.tip(direction));
  }

  private Line forwards(List<Layers.Slot> way) {
    Layers.Slot last = way.get(0);
    Line line = new Line(x(last) + Box.WIDTH, middle(last));
    for (Layers.Slot slot : way.subList(1, way.size())) {
      line.curve(x(slot), middle(slot));
      if (!slot.isNode()) {
        line.straight(x(slot) + Box.WIDTH, middle(slot));
      }
    }
    return line;
  }

  private Line backwards(GraphEdge edge) {
    Layers.Slot from = layers.known(edge.from());
    Layers.Slot to = layers.known(edge.to());
    Line line = new Line(x(from) + Box.WIDTH, middle(from) + 6);
    line.loop(x(to) + Box.WIDTH, middle(to) + 6, ACROSS / 2);
    return line;
  }
}
