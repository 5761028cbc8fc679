package io.guardedjdbc.refresher.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * What is written into the box of a node.
 *
 * @param kind the line above the name
 * @param name the lines of the name, without the schema
 * @param gates lines on what was found, each with its mark
 */
record Box(GraphNode node, String kind, List<String> name, List<String> gates) {
  static final double WIDTH = 218;
  static final double LINE = 15;
  static final double PAD = 7;
  private static final int CHARACTERS = 27;

  /** Copies the lists. */
  Box {
    name = List.copyOf(name);
    gates = List.copyOf(gates);
  }

  static Box of(GraphNode node) {
    String schema = NameLines.schema(node.name());
    String kind = node.store().map(store -> "store " + store).orElse(node.kind().word());
    if (node.live() && node.kind() != GraphNode.Kind.FUNCTION) {
      kind += ", live";
    }
    if (!schema.isEmpty()) {
      kind = NameLines.fit(schema, CHARACTERS - 6) + " · " + kind;
    }
    List<String> gates = new ArrayList<>();
    String sign = node.mark() == GraphNode.Mark.FAILED ? "✗ " : "! ";
    node.gates().forEach(gate -> gates.add(sign + gate));
    return new Box(node, kind, NameLines.of(NameLines.local(node.name()), CHARACTERS), gates);
  }

  double height() {
    return 2 * PAD + LINE * (1 + name.size() + gates.size());
  }
}
