package io.guardedjdbc.catalog;

import static java.util.Map.entry;
import static java.util.stream.Collectors.toUnmodifiableSet;

import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The catalog as a graph of names, and what policies say about them. Not thread-safe. */
final class CatalogGraph {
  /** What SQL calls built-in types that the catalog names otherwise. */
  private static final Map<String, List<String>> SPELLED_TYPES =
      Map.ofEntries(
          entry("bool", List.of("boolean")),
          entry("bpchar", List.of("char", "character", "national", "nchar")),
          entry("float4", List.of("real", "float")),
          entry("float8", List.of("double", "float")),
          entry("int2", List.of("smallint")),
          entry("int4", List.of("int", "integer")),
          entry("int8", List.of("bigint")),
          entry("numeric", List.of("dec", "decimal")),
          entry("timestamptz", List.of("timestamp")),
          entry("timetz", List.of("time")),
          entry("varchar", List.of("character", "varying", "national", "nchar")),
          entry("varbit", List.of("bit")));

  private final Map<Kind, Map<Long, CatalogNode>> nodes = new EnumMap<>(Kind.class);
  private final Map<String, List<CatalogNode>> byName = new HashMap<>();

  /** Array types stand for their elements: what uses one uses the other. */
  private final Map<Long, CatalogNode> elements = new HashMap<>();

  /** User casts: the function, and the types on both sides. */
  record Cast(CatalogNode function, List<CatalogNode> types, boolean implied) {}

  /** A trigger that may run at COMMIT: what writes to its table evaluate, and its function. */
  record Deferrable(CatalogNode write, CatalogNode function) {}

  final List<Cast> casts = new ArrayList<>();
  final List<Deferrable> deferrable = new ArrayList<>();
  final Set<String> schemas = new HashSet<>();

  /** Names that a call may have besides those of the nodes: built-in functions and types. */
  final Set<String> builtInNames = new HashSet<>();

  final List<Seed> seeds = new ArrayList<>();
  final List<PolicyRule> rules = new ArrayList<>();

  CatalogGraph() {
    for (Kind kind : Kind.values()) {
      nodes.put(kind, new HashMap<>());
    }
  }

  /** Adds a type together with its arrays, where it has any. */
  void addType(CatalogNode type, long arrayOid, @Nullable String arrayName) {
    add(type);
    if (arrayName != null) {
      elements.put(arrayOid, type);
      alsoNamed(type, arrayName);
    }
    SPELLED_TYPES.getOrDefault(type.name, List.of()).forEach(name -> alsoNamed(type, name));
  }

  private void alsoNamed(CatalogNode node, String name) {
    node.otherNames.add(name);
    byName.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(node);
  }

  CatalogNode add(CatalogNode node) {
    of(node.kind).put(node.oid, node);
    byName.computeIfAbsent(node.name, name -> new ArrayList<>(1)).add(node);
    return node;
  }

  /** The entrypoints that have a row in the registry, as it spells them. */
  Set<String> registered() {
    return seeds.stream()
        .filter(seed -> seed.source() == Seed.Source.REGISTRY)
        .map(Seed::entrypoint)
        .collect(toUnmodifiableSet());
  }

  /** The node of all expressions that only a write to this relation evaluates. */
  CatalogNode evaluatedOnWrite(CatalogNode relation) {
    return of(Kind.EXPRESSION)
        .computeIfAbsent(
            relation.oid,
            oid -> {
              CatalogNode expression =
                  new CatalogNode(
                      Kind.EXPRESSION, oid, relation.schema, relation.name, relation.spelling);
              relation.writeEvaluates(expression);
              return expression;
            });
  }

  /** The node of the triggers that TRUNCATE … CASCADE of this relation runs. */
  CatalogNode evaluatedOnTruncate(CatalogNode relation) {
    return of(Kind.EXPRESSION)
        .computeIfAbsent(
            -relation.oid,
            key -> {
              CatalogNode expression =
                  new CatalogNode(
                      Kind.EXPRESSION, key, relation.schema, relation.name, relation.spelling);
              relation.writeEvaluates(expression);
              return expression;
            });
  }

  @Nullable CatalogNode find(Kind kind, long oid) {
    CatalogNode node = of(kind).get(oid);
    return node == null && kind == Kind.TYPE ? elements.get(oid) : node;
  }

  Collection<CatalogNode> all(Kind kind) {
    return of(kind).values();
  }

  private Map<Long, CatalogNode> of(Kind kind) {
    return nodes.computeIfAbsent(kind, k -> new HashMap<>());
  }

  /** Everything of that last name part, whatever its schema or kind. */
  List<CatalogNode> named(String name) {
    return byName.getOrDefault(name, List.of());
  }

  /** The relations that a spelled name means: of its schema, or of any where it names none. */
  List<CatalogNode> relations(RelationName name) {
    List<CatalogNode> found = new ArrayList<>(1);
    for (CatalogNode node : named(name.name())) {
      if (node.kind == Kind.RELATION
          && (name.schema() == null || name.schema().equals(node.schema))) {
        found.add(node);
      }
    }
    return found;
  }
}
