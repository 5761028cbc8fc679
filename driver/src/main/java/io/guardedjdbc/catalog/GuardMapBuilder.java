package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the immutable map of a graph. */
final class GuardMapBuilder {
  private final CatalogGraph graph;
  private final RelationClasses classes;
  private final LeadsTo leadsTo;
  private final Map<String, List<LeadingName>> leading = new HashMap<>();

  private GuardMapBuilder(CatalogGraph graph, GuardMapOptions options) {
    this.graph = graph;
    this.classes = new RelationClasses(graph);
    this.leadsTo = new LeadsTo(graph, classes, options.closure());
  }

  static GuardMap build(
      CatalogGraph graph,
      GuardMapOptions options,
      long version,
      CatalogDigest digest,
      MapSource source) {
    GuardMap.Names names = new GuardMapBuilder(graph, options).names();
    return new GuardMap(version, digest, source, names, SessionNames.NONE);
  }

  private GuardMap.Names names() {
    Map<String, Set<String>> relations = new HashMap<>();
    Set<String> callable = new HashSet<>(graph.builtInNames);
    Map<String, Set<String>> users = new HashMap<>();
    for (Kind kind : Kind.values()) {
      graph.all(kind).forEach(node -> use(users, node));
    }
    for (Kind kind : EnumSet.complementOf(EnumSet.of(Kind.EXPRESSION))) {
      for (CatalogNode node : graph.all(kind)) {
        lead(node);
        if (kind == Kind.RELATION) {
          relations.merge(
              node.name,
              node.schema == null ? Set.of() : Set.of(node.schema),
              GuardMapBuilder::union);
        } else if (kind != Kind.OPERATOR) {
          callable.add(node.name);
          callable.addAll(node.otherNames);
        }
      }
    }
    Set<String> keys = classes.entrypoints.allKeys();
    Match everything = Match.of(keys, List.of(), true, false);
    for (String opaque : OpaqueNames.BUILT_IN_FUNCTIONS) {
      put(opaque, new LeadingName(Kind.FUNCTION, null, everything, everything, everything, null));
    }
    classes.entrypoints.missing.forEach(
        (name, missing) -> {
          Match match = Match.of(missing, List.of(), false, false);
          put(
              name.name(),
              new LeadingName(
                  Kind.RELATION, name.schema(), match, match, match, RelationClass.ENTRYPOINT));
        });
    leading.replaceAll((name, all) -> List.copyOf(all));
    return new GuardMap.Names(
        leading, relations, callable, ambient(), Collections.unmodifiableSet(keys), users);
  }

  private static void use(Map<String, Set<String>> users, CatalogNode node) {
    node.readBy.forEach(user -> use(users, node, user));
    node.writtenBy.forEach(user -> use(users, node, user));
    node.children.forEach(child -> use(users, child, node));
  }

  private static void use(Map<String, Set<String>> users, CatalogNode used, CatalogNode user) {
    if (!used.name.equals(user.name)) {
      users.computeIfAbsent(used.name, name -> new HashSet<>(4)).add(user.name);
    }
  }

  private static Set<String> union(Set<String> one, Set<String> two) {
    Set<String> both = new HashSet<>(one);
    both.addAll(two);
    return both;
  }

  private void lead(CatalogNode node) {
    Match read = leadsTo.ofRead(node);
    Match anyUse = leadsTo.ofAnyUse(node);
    RelationClass own = node.kind == Kind.RELATION ? classes.of(node) : null;
    Match refresh = refresh(node, own);
    boolean nothing = read.isNothing() && anyUse.isNothing() && refresh.isNothing();
    if (nothing && own == null) {
      return;
    }
    put(node.name, new LeadingName(node.kind, node.schema, read, anyUse, refresh, own));
    if (node.kind == Kind.RELATION && !node.isPlainView()) {
      String toast = "pg_toast_" + node.oid;
      put(toast, new LeadingName(Kind.RELATION, "pg_toast", read, anyUse, read, null));
    }
    for (String other : node.otherNames) {
      put(other, new LeadingName(node.kind, null, read, anyUse, refresh, null));
    }
  }

  /**
   * What belongs to a store is refreshed by whoever maintains it; other views copy what they read.
   */
  private Match refresh(CatalogNode node, @Nullable RelationClass own) {
    boolean maintained = own == RelationClass.ENTRYPOINT || own == RelationClass.CLOSURE;
    return node.isMaterialized() && !maintained ? leadsTo.ofDefinition(node) : Match.NOTHING;
  }

  private void put(String name, LeadingName leads) {
    leading.computeIfAbsent(name, n -> new ArrayList<>(1)).add(leads);
  }

  /** Implicit and assignment casts need no mention to be called. */
  private Match ambient() {
    Match ambient = Match.NOTHING;
    for (CatalogGraph.Cast cast : graph.casts) {
      if (cast.implied()) {
        ambient = ambient.and(leadsTo.ofAnyUse(cast.function()));
      }
    }
    return ambient;
  }
}
