package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import io.guardedjdbc.catalog.Entrypoints.Entrypoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What each node of the catalog leads to. The walk runs backwards from what is guarded and ends
 * where another class begins: an entrypoint hides what is under it, a materialized view holds rows
 * of its own.
 */
final class LeadsTo {
  /** What one node leads to, before closure rules are applied. */
  private static final class Reached {
    final Set<Entrypoint> entrypoints = new HashSet<>();
    final Set<String> keys = new TreeSet<>();
    final Set<Refused> refused = new LinkedHashSet<>();
    final Set<CatalogNode> closure = new HashSet<>();
    final Set<String> irrevocable = new TreeSet<>();
    boolean everything;

    void addAll(Reached other) {
      entrypoints.addAll(other.entrypoints);
      keys.addAll(other.keys);
      refused.addAll(other.refused);
      closure.addAll(other.closure);
      irrevocable.addAll(other.irrevocable);
      everything |= other.everything;
    }

    boolean leadsToRelation() {
      return !keys.isEmpty() || !refused.isEmpty() || !closure.isEmpty();
    }
  }

  private final CatalogGraph graph;
  private final RelationClasses classes;
  private final @Nullable ClosureRule override;
  private final Set<String> allKeys;
  private final Map<CatalogNode, Reached> byRead = new HashMap<>();
  private final Map<CatalogNode, Reached> byAnyUse = new HashMap<>();
  private final Set<CatalogNode> throughVolatile;

  LeadsTo(CatalogGraph graph, RelationClasses classes, @Nullable ClosureRule override) {
    this.graph = graph;
    this.classes = classes;
    this.override = override;
    this.allKeys = classes.entrypoints.allKeys();
    classes.entrypoints.byNode.values().forEach(e -> spread(List.of(e.node), ofEntrypoint(e)));
    classes.refused.forEach((node, refusal) -> spread(List.of(node), ofRefusal(refusal)));
    for (CatalogNode node : classes.closure.keySet()) {
      if (classes.of(node) == RelationClass.CLOSURE) {
        Reached reached = new Reached();
        reached.closure.add(node);
        spread(List.of(node), reached);
      }
    }
    spreadOpaque();
    spreadIrrevocable();
    spreadDeferrable();
    refuseImmutableFunctions();
    this.throughVolatile = findThroughVolatile();
  }

  private Reached ofEntrypoint(Entrypoint entrypoint) {
    Reached reached = new Reached();
    reached.entrypoints.add(entrypoint);
    reached.keys.addAll(entrypoint.keys);
    reached.keys.addAll(classes.entrypoints.keysUnder(entrypoint.node));
    return reached;
  }

  private static Reached ofRefusal(Refused refusal) {
    Reached reached = new Reached();
    reached.refused.add(refusal);
    return reached;
  }

  private void spreadOpaque() {
    List<CatalogNode> opaque = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (CatalogNode node : graph.all(kind)) {
        if (node.opaque && !stops(node)) {
          opaque.add(node);
        }
      }
    }
    Reached everything = new Reached();
    everything.everything = true;
    spread(opaque, everything);
  }

  /** Through everything that is evaluated with the statement, whatever class it has. */
  private void spreadIrrevocable() {
    for (Kind kind : Kind.values()) {
      for (CatalogNode node : graph.all(kind)) {
        if (!node.irrevocable.isEmpty() && !holdsOwnRows(node)) {
          Reached reached = new Reached();
          reached.irrevocable.addAll(node.irrevocable);
          spread(List.of(node), reached, LeadsTo::holdsOwnRows);
        }
      }
    }
  }

  /** A trigger that runs at COMMIT does so after the release, and what it did is committed. */
  private void spreadDeferrable() {
    for (CatalogGraph.Deferrable trigger : graph.deferrable) {
      Reached read = byAnyUse.get(trigger.function());
      if (read != null && (read.everything || read.leadsToRelation())) {
        Reached reached = new Reached();
        reached.irrevocable.add("the deferrable trigger of " + trigger.write().plainName());
        spread(List.of(trigger.write()), reached, LeadsTo::holdsOwnRows);
      }
    }
  }

  private static boolean holdsOwnRows(CatalogNode node) {
    return node.exempt || node.isMaterialized();
  }

  /** Plans may keep what an IMMUTABLE function gave: no certificate speaks about that. */
  private void refuseImmutableFunctions() {
    for (CatalogNode function : graph.all(Kind.FUNCTION)) {
      Reached reached = byAnyUse.get(function);
      if (function.volatility == 'i' && reached != null && reached.leadsToRelation()) {
        Refused refusal =
            new Refused(
                Refused.Kind.IMMUTABLE_FUNCTION,
                function.spelling,
                reached.keys,
                "an IMMUTABLE function over something guarded: plans keep its result");
        spread(List.of(function), ofRefusal(refusal));
      }
    }
  }

  private void spread(Collection<CatalogNode> start, Reached reached) {
    spread(start, reached, this::stops);
  }

  private void spread(
      Collection<CatalogNode> start, Reached reached, Predicate<CatalogNode> stops) {
    Set<CatalogNode> any = collect(byAnyUse, start, reached, true, stops);
    List<CatalogNode> readers = new ArrayList<>(start);
    for (CatalogNode node : any) {
      if (node.isFunction()) {
        byRead.computeIfAbsent(node, n -> new Reached()).addAll(reached);
        readers.add(node);
      }
    }
    collect(byRead, readers, reached, false, stops);
  }

  private Set<CatalogNode> collect(
      Map<CatalogNode, Reached> into,
      Collection<CatalogNode> start,
      Reached reached,
      boolean anyUse,
      Predicate<CatalogNode> stops) {
    Set<CatalogNode> seen = new HashSet<>();
    Deque<CatalogNode> open = new ArrayDeque<>(start);
    seen.addAll(start);
    for (CatalogNode node : start) {
      into.computeIfAbsent(node, n -> new Reached()).addAll(reached);
    }
    while (!open.isEmpty()) {
      CatalogNode node = open.remove();
      follow(node.readBy, into, reached, seen, open, stops);
      if (anyUse) {
        follow(node.writtenBy, into, reached, seen, open, stops);
      }
    }
    return seen;
  }

  private void follow(
      List<CatalogNode> users,
      Map<CatalogNode, Reached> into,
      Reached reached,
      Set<CatalogNode> seen,
      Deque<CatalogNode> open,
      Predicate<CatalogNode> stops) {
    for (CatalogNode user : users) {
      if (!stops.test(user) && seen.add(user)) {
        into.computeIfAbsent(user, n -> new Reached()).addAll(reached);
        open.add(user);
      }
    }
  }

  /** Has a class of its own, or rows of its own, or is ours. */
  private boolean stops(CatalogNode node) {
    if (holdsOwnRows(node)) {
      return true;
    }
    RelationClass own = classes.of(node);
    return own != null && own != RelationClass.ALIAS;
  }

  /**
   * Functions that see new data at every fetch: VOLATILE ones that read anything, and plpgsql that
   * reads something guarded; and all that reads through these.
   */
  private Set<CatalogNode> findThroughVolatile() {
    List<CatalogNode> functions = new ArrayList<>();
    for (CatalogNode function : graph.all(Kind.FUNCTION)) {
      boolean guarded = byAnyUse.containsKey(function);
      boolean readsRelation = function.reads.stream().anyMatch(Entrypoints::isRelation);
      if (!function.exempt
          && (function.volatility == 'v'
              ? guarded || readsRelation
              : function.plpgsql && guarded)) {
        functions.add(function);
      }
    }
    Set<CatalogNode> reached =
        Reach.from(functions, node -> node.readBy, node -> !node.exempt && !node.isMaterialized());
    reached.addAll(functions);
    return reached;
  }

  /** What reading the node touches. */
  Match ofRead(CatalogNode node) {
    return resolve(node, byRead.get(node));
  }

  /** What any use of the node touches, writing to it included. */
  Match ofAnyUse(CatalogNode node) {
    return resolve(node, byAnyUse.get(node));
  }

  /** What a refresh of a materialized view that is in no closure reads. */
  Match ofDefinition(CatalogNode view) {
    Reached union = new Reached();
    for (CatalogNode read : view.reads) {
      Reached reached = byRead.get(read);
      if (reached != null) {
        union.addAll(reached);
      }
    }
    return resolve(view, union);
  }

  private Match resolve(CatalogNode node, @Nullable Reached reached) {
    if (reached == null) {
      return Match.NOTHING;
    }
    Set<String> keys = new TreeSet<>(reached.everything ? allKeys : reached.keys);
    List<Refused> refused = new ArrayList<>(reached.refused);
    for (CatalogNode inside : reached.closure) {
      Set<Entrypoint> over = classes.closure.getOrDefault(inside, Set.of());
      if (over.stream().noneMatch(reached.entrypoints::contains)) {
        applyClosureRule(inside, over, keys, refused);
      }
    }
    return Match.of(keys, refused, reached.everything, throughVolatile.contains(node))
        .and(Match.irrevocable(reached.irrevocable));
  }

  private void applyClosureRule(
      CatalogNode inside, Set<Entrypoint> over, Set<String> keys, List<Refused> refused) {
    ClosureRule rule = override;
    Set<String> overKeys = new TreeSet<>();
    for (Entrypoint entrypoint : over) {
      overKeys.addAll(entrypoint.keys);
      if (override == null) {
        rule = rule == null ? entrypoint.closureRule() : rule.stricter(entrypoint.closureRule());
      }
    }
    if (rule == ClosureRule.GUARD) {
      keys.addAll(overKeys);
      keys.addAll(classes.entrypoints.keysUnder(inside));
    } else if (rule != ClosureRule.ALLOW) {
      refused.add(
          new Refused(
              Refused.Kind.CLOSURE,
              inside.spelling,
              overKeys,
              "inside the closure of " + String.join(", ", overKeys)));
    }
  }
}
