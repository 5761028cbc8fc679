package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which relations are entrypoints: all that a policy, baseline rows or a property name, and what
 * the registry names unless it is a plain view on top of another one.
 */
final class Entrypoints {
  /** An entrypoint that exists, with all that was said about it. */
  static final class Entrypoint {
    final CatalogNode node;

    /** As the registry spells it; usually one. */
    final Set<String> keys = new TreeSet<>();

    final Set<String> stores = new HashSet<>();
    @Nullable ClosureRule closure;
    boolean registryOnly = true;

    Entrypoint(CatalogNode node) {
      this.node = node;
    }

    ClosureRule closureRule() {
      return closure == null ? ClosureRule.DENY : closure;
    }
  }

  final Map<CatalogNode, Entrypoint> byNode = new HashMap<>();

  /** Names that no relation bears now: guarded all the same, by key. */
  final Map<RelationName, Set<String>> missing = new HashMap<>();

  Entrypoints(CatalogGraph graph) {
    graph.seeds.forEach(seed -> add(graph, seed));
    aliasesAmongRegistryRows().forEach(byNode::remove);
  }

  private void add(CatalogGraph graph, Seed seed) {
    RelationName name = RelationName.parseOrName(seed.entrypoint());
    List<CatalogNode> relations = graph.relations(name);
    if (relations.isEmpty()) {
      missing.computeIfAbsent(name, n -> new TreeSet<>()).add(seed.entrypoint());
    }
    for (CatalogNode node : relations) {
      Entrypoint entrypoint = byNode.computeIfAbsent(node, Entrypoint::new);
      boolean keyed = seed.source() != Seed.Source.PROPERTY && name.schema() != null;
      entrypoint.keys.add(keyed ? seed.entrypoint() : node.spelling);
      if (seed.source() != Seed.Source.REGISTRY) {
        entrypoint.registryOnly = false;
      }
      if (seed.source() == Seed.Source.POLICY) {
        ClosureRule rule = ClosureRule.ofPolicy(seed.closure());
        entrypoint.closure = entrypoint.closure == null ? rule : entrypoint.closure.stricter(rule);
      }
      if (seed.store() != null) {
        entrypoint.stores.add(seed.store());
      }
    }
  }

  private List<CatalogNode> aliasesAmongRegistryRows() {
    List<CatalogNode> aliases = new ArrayList<>();
    for (Entrypoint entrypoint : byNode.values()) {
      if (entrypoint.registryOnly
          && entrypoint.node.isPlainView()
          && under(entrypoint.node).stream()
              .anyMatch(
                  other ->
                      other != entrypoint.node
                          && byNode.containsKey(other)
                          && !under(other).contains(entrypoint.node))) {
        aliases.add(entrypoint.node);
      }
    }
    return aliases;
  }

  private static Set<CatalogNode> under(CatalogNode view) {
    return Reach.from(view, node -> node.reads, node -> node.isPlainView() && !node.exempt);
  }

  boolean contains(CatalogNode node) {
    return byNode.containsKey(node);
  }

  /** The entrypoints that a node stands on, through all that its rows come from. */
  Set<String> keysUnder(CatalogNode node) {
    Set<String> keys = new TreeSet<>();
    for (CatalogNode under : Reach.from(node, CatalogNode::sources, n -> !n.exempt)) {
      Entrypoint entrypoint = byNode.get(under);
      if (entrypoint != null) {
        keys.addAll(entrypoint.keys);
      }
    }
    return keys;
  }

  /** All keys, those of missing relations included. */
  Set<String> allKeys() {
    Set<String> keys = new TreeSet<>();
    byNode.values().forEach(entrypoint -> keys.addAll(entrypoint.keys));
    missing.values().forEach(keys::addAll);
    return keys;
  }

  static boolean isRelation(CatalogNode node) {
    return node.kind == Kind.RELATION;
  }
}
