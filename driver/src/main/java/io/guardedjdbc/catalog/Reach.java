package io.guardedjdbc.catalog;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Walks over the catalog's graph. */
final class Reach {
  private Reach() {}

  /**
   * All nodes that {@code start} leads to, itself left out unless there is a cycle.
   *
   * @param passes whether the walk goes on beyond a node it has reached; asked for the start too
   */
  static Set<CatalogNode> from(
      Collection<CatalogNode> start,
      Function<CatalogNode, List<CatalogNode>> edges,
      Predicate<CatalogNode> passes) {
    Set<CatalogNode> reached = new HashSet<>();
    Deque<CatalogNode> open = new ArrayDeque<>();
    for (CatalogNode node : start) {
      if (passes.test(node)) {
        open.add(node);
      }
    }
    while (!open.isEmpty()) {
      for (CatalogNode next : edges.apply(open.remove())) {
        if (reached.add(next) && passes.test(next)) {
          open.add(next);
        }
      }
    }
    return reached;
  }

  static Set<CatalogNode> from(
      CatalogNode start,
      Function<CatalogNode, List<CatalogNode>> edges,
      Predicate<CatalogNode> passes) {
    return from(List.of(start), edges, passes);
  }
}
