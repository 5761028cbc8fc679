package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import io.guardedjdbc.catalog.Entrypoints.Entrypoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the catalog into the classes of the guard map. Reads only: triggers, rules on tables and
 * the like make no relation part of a closure.
 */
final class RelationClasses {
  final Entrypoints entrypoints;

  /** Views, materialized views and filled tables under entrypoints, with the nearest of these. */
  final Map<CatalogNode, Set<Entrypoint>> closure = new HashMap<>();

  final Set<CatalogNode> aliases = new HashSet<>();

  /** Refused relations and copies, and why. */
  final Map<CatalogNode, Refused> refused = new LinkedHashMap<>();

  private final CatalogGraph graph;

  RelationClasses(CatalogGraph graph) {
    this.graph = graph;
    this.entrypoints = new Entrypoints(graph);
    findClosures();
    findAliases();
    findRefused();
    findCopies();
    inherit();
  }

  private void findClosures() {
    for (Entrypoint entrypoint : entrypoints.byNode.values()) {
      Set<CatalogNode> under =
          Reach.from(
              entrypoint.node,
              CatalogNode::sources,
              node -> node == entrypoint.node || !(entrypoints.contains(node) || node.exempt));
      for (CatalogNode node : under) {
        if ((node.isPlainView() || node.isMaterialized() || !node.filledFrom.isEmpty())
            && !entrypoints.contains(node)
            && !node.exempt) {
          closure.computeIfAbsent(node, n -> new HashSet<>()).add(entrypoint);
        }
      }
    }
  }

  private void findAliases() {
    Set<CatalogNode> above =
        Reach.from(
            entrypoints.byNode.keySet(),
            node -> node.readBy,
            node -> entrypoints.contains(node) || (node.isPlainView() && !node.exempt));
    for (CatalogNode node : above) {
      if (node.isPlainView() && !entrypoints.contains(node) && !node.exempt) {
        aliases.add(node);
        restrict(node);
      }
    }
  }

  /** A policy may list its aliases; other views on top of its entrypoint are then refused. */
  private void restrict(CatalogNode alias) {
    for (CatalogNode under : Reach.from(alias, n -> n.reads, CatalogNode::isPlainView)) {
      Entrypoint entrypoint = entrypoints.byNode.get(under);
      if (entrypoint == null) {
        continue;
      }
      for (String store : entrypoint.stores) {
        List<PolicyRule> listed = rules(PolicyRule.ALIAS, store);
        if (!listed.isEmpty() && listed.stream().noneMatch(rule -> rule.fits(alias))) {
          refused.put(
              alias,
              new Refused(
                  Refused.Kind.NOT_AN_ALIAS,
                  alias.spelling,
                  entrypoint.keys,
                  "not among the aliases that the policy of store " + store + " lists"));
        }
      }
    }
  }

  private List<PolicyRule> rules(String kind, String store) {
    List<PolicyRule> found = new ArrayList<>();
    for (PolicyRule rule : graph.rules) {
      if (rule.rule().equals(kind) && store.equals(rule.store())) {
        found.add(rule);
      }
    }
    return found;
  }

  private void findRefused() {
    List<PolicyRule> rules = new ArrayList<>(graph.rules);
    rules.removeIf(rule -> !rule.rule().equals(PolicyRule.REFUSED));
    if (rules.isEmpty()) {
      return;
    }
    for (CatalogNode node : graph.all(Kind.RELATION)) {
      if (entrypoints.contains(node) || aliases.contains(node) || node.exempt) {
        continue;
      }
      for (PolicyRule rule : rules) {
        if (rule.fits(node)) {
          refused.put(node, refusal(node, rule));
          break;
        }
      }
    }
  }

  private static Refused refusal(CatalogNode node, PolicyRule rule) {
    String by =
        rule.store() == null
            ? "refused by guard.refused"
            : "refused by the policy of store " + rule.store();
    String reason =
        rule.reason() == null || rule.reason().isBlank() ? by : by + ": " + rule.reason();
    return new Refused(Refused.Kind.POLICY, node.spelling, Set.of(), reason);
  }

  /**
   * Not those inside a closure: there the entrypoint above certifies them. One that a stacked store
   * is built of is no copy without certificate.
   */
  private void findCopies() {
    Set<CatalogNode> above =
        Reach.from(entrypoints.byNode.keySet(), node -> node.readBy, node -> !node.exempt);
    for (CatalogNode node : above) {
      if (node.isMaterialized()
          && !entrypoints.contains(node)
          && !closure.containsKey(node)
          && !refused.containsKey(node)) {
        Set<String> keys = new TreeSet<>(entrypoints.keysUnder(node));
        refused.put(
            node,
            new Refused(
                Refused.Kind.COPY,
                node.spelling,
                keys,
                "a materialized view on top of "
                    + String.join(", ", keys)
                    + ", its rows have no certificate"));
      }
    }
  }

  /** A child table is part of its parent: reading it reads what the parent's class covers. */
  private void inherit() {
    List<CatalogNode> parents = new ArrayList<>(entrypoints.byNode.keySet());
    parents.addAll(refused.keySet());
    parents.addAll(closure.keySet());
    for (CatalogNode parent : parents) {
      for (CatalogNode child : Reach.from(parent, node -> node.children, node -> true)) {
        if (!entrypoints.contains(child)) {
          child.reads(parent);
        }
      }
    }
  }

  /** The class of a relation; null for the rest of the world. */
  @Nullable RelationClass of(CatalogNode node) {
    if (entrypoints.contains(node)) {
      return RelationClass.ENTRYPOINT;
    }
    Refused refusal = refused.get(node);
    if (refusal != null && refusal.kind() == Refused.Kind.COPY) {
      return RelationClass.COPY;
    }
    if (refusal != null) {
      return RelationClass.REFUSED;
    }
    if (aliases.contains(node)) {
      return RelationClass.ALIAS;
    }
    return closure.containsKey(node) ? RelationClass.CLOSURE : null;
  }
}
