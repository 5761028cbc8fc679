package io.guardedjdbc.catalog;

import io.guardedjdbc.catalog.CatalogGraph.Cast;
import io.guardedjdbc.catalog.CatalogNode.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the graph from the rows of {@link MapQuery}, which come in any order. */
final class CatalogRows {
  /** One row whose nodes may not be there yet. */
  private record Link(String tag, long a, long b, String k1, String k2, boolean onWrite) {}

  /** One named object; its schema's name may not be there yet. */
  private record Named(
      String tag,
      long oid,
      long schema,
      String k1,
      String k2,
      String name,
      @Nullable String t2,
      @Nullable String t3) {}

  private final GuardMapOptions options;
  private final Map<Long, String> marked;
  private final CatalogGraph graph = new CatalogGraph();
  private final Map<Long, String> schemas = new HashMap<>();
  private final List<Named> names = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final Map<CatalogNode, String> bodies = new HashMap<>();
  private final Set<CatalogNode> changedByActions = new LinkedHashSet<>();
  private final Set<CatalogNode> callInputFunctions = new LinkedHashSet<>();
  private String digest = "";
  private @Nullable String changes;

  private CatalogRows(GuardMapOptions options, MapSource source) {
    this.options = options;
    this.marked = source.marked();
  }

  /** The graph, the digest and the seal's counter of the same snapshot. */
  record Read(CatalogGraph graph, CatalogDigest digest, @Nullable String changes) {}

  static Read read(ResultSet rows, GuardMapOptions options, MapSource source) throws SQLException {
    CatalogRows reading = new CatalogRows(options, source);
    while (rows.next()) {
      reading.row(rows);
    }
    reading.addOptions();
    reading.names.forEach(reading::node);
    reading.links.forEach(reading::link);
    reading.changedByActions.forEach(reading::act);
    reading.callInputFunctions.forEach(reading::mayInput);
    BodyReader bodies = new BodyReader(reading.graph);
    reading.bodies.forEach(bodies::read);
    reading.makeSafe();
    reading.fill();
    return new Read(reading.graph, new CatalogDigest(reading.digest), reading.changes);
  }

  private void row(ResultSet rows) throws SQLException {
    String tag = rows.getString(1);
    switch (tag) {
      case "schema" -> {
        schemas.put(rows.getLong(2), rows.getString(6));
        graph.schemas.add(rows.getString(6));
      }
      case "builtin" -> graph.builtInNames.add(rows.getString(6));
      case "relation", "function", "operator", "type" ->
          names.add(
              new Named(
                  tag,
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6),
                  rows.getString(7),
                  rows.getString(8)));
      case "digest" -> {
        digest = rows.getString(6);
        changes = rows.getString(7);
      }
      case "seed" -> seed(rows);
      default ->
          links.add(
              new Link(
                  tag,
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6) != null));
    }
  }

  private void seed(ResultSet rows) throws SQLException {
    String name = rows.getString(6);
    String rule = rows.getString(5);
    if (name == null) {
      return;
    }
    if (rule.isEmpty()) {
      graph.seeds.add(
          new Seed(
              Seed.Source.valueOf(rows.getString(4)), name, rows.getString(7), rows.getString(8)));
    } else {
      graph.rules.add(new PolicyRule(rows.getString(7), rule, name, rows.getString(9)));
    }
  }

  private void addOptions() {
    for (String entrypoint : options.extraEntrypoints()) {
      graph.seeds.add(new Seed(Seed.Source.PROPERTY, entrypoint, null, null));
    }
    for (String pattern : options.extraRefused()) {
      graph.rules.add(new PolicyRule(null, PolicyRule.REFUSED, pattern, null));
    }
  }

  private void node(Named named) {
    String schema = schemas.get(named.schema);
    switch (named.tag) {
      case "relation" -> relation(named, schema);
      case "function" -> function(named, schema);
      case "operator" -> graph.add(plain(Kind.OPERATOR, named, schema));
      default -> graph.addType(plain(Kind.TYPE, named, schema), Long.parseLong(named.k2), named.t3);
    }
  }

  private static CatalogNode plain(Kind kind, Named named, @Nullable String schema) {
    String quoted = kind == Kind.RELATION ? named.t2 : null;
    String name = quoted == null ? named.name : quoted;
    String spelling = schema == null ? name : RelationName.word(schema) + "." + name;
    return new CatalogNode(kind, named.oid, schema, named.name, spelling);
  }

  private void relation(Named named, @Nullable String schema) {
    CatalogNode node = plain(Kind.RELATION, named, schema);
    node.relkind = named.k1.charAt(0);
    node.exempt =
        options.schema().equals(schema)
            && named.k2.equals("ours")
            && ExemptNames.relation(node.name, options.registry());
    boolean statistics = "pg_catalog".equals(schema) && OpaqueNames.STATISTICS.contains(node.name);
    node.opaque = node.relkind == 'f' || statistics;
    graph.add(node);
  }

  private void function(Named named, @Nullable String schema) {
    CatalogNode node = plain(Kind.FUNCTION, named, schema);
    boolean made = named.k1.equals("made"); // IMMUTABLE by the catalog, whatever it calls
    node.volatility = made ? 's' : named.k2.charAt(0);
    node.plpgsql = named.k1.equals("plpgsql");
    node.exempt =
        options.schema().equals(schema)
            && named.k2.endsWith("ours")
            && ExemptNames.function(node.name);
    String body = named.t2;
    if (body != null) {
      bodies.put(node, body);
    } else if (!made) {
      // of aggregates and constructors of ranges all that they call is known
      String extension = named.t3;
      node.opaque =
          extension == null
              || !OpaqueNames.KNOWN_EXTENSIONS.contains(extension)
              || OpaqueNames.EXTENSION_FUNCTIONS.contains(node.name);
    }
    graph.add(node);
  }

  private void link(Link link) {
    switch (link.tag) {
      case "inherits" -> {
        CatalogNode child = graph.find(Kind.RELATION, link.a);
        CatalogNode parent = graph.find(Kind.RELATION, link.b);
        if (child != null && parent != null) {
          parent.children.add(child);
          parent.reads(child);
        }
      }
      case "action" -> {
        CatalogNode referenced = graph.find(Kind.RELATION, link.a);
        CatalogNode referencing = graph.find(Kind.RELATION, link.b);
        if (referenced != null && referencing != null) {
          referenced.writeEvaluates(graph.evaluatedOnWrite(referencing));
          changedByActions.add(referencing);
        }
      }
      case "truncates" -> {
        CatalogNode truncated = graph.find(Kind.RELATION, link.a);
        CatalogNode function = graph.find(Kind.FUNCTION, link.b);
        if (truncated != null && function != null) {
          graph.evaluatedOnTruncate(truncated).reads(function);
        }
      }
      case "cascades" -> {
        CatalogNode referenced = graph.find(Kind.RELATION, link.a);
        CatalogNode referencing = graph.find(Kind.RELATION, link.b);
        if (referenced != null && referencing != null) {
          graph.evaluatedOnTruncate(referenced).reads(graph.evaluatedOnTruncate(referencing));
        }
      }
      case "deferrable" -> {
        CatalogNode written = graph.find(Kind.RELATION, link.a);
        CatalogNode function = graph.find(Kind.FUNCTION, link.b);
        if (written != null && function != null) {
          graph.deferrable.add(
              new CatalogGraph.Deferrable(graph.evaluatedOnWrite(written), function));
        }
      }
      case "cast" -> cast(link);
      case "tree" -> {
        CatalogNode node = graph.find(kind(link.k1), link.a);
        if (node != null) {
          CatalogNode evaluated = link.onWrite ? graph.evaluatedOnWrite(node) : node;
          for (String oid : link.k2.split(",", -1)) {
            uses(evaluated, marked.getOrDefault(Long.valueOf(oid), ""));
          }
        }
      }
      case "edge" -> {
        CatalogNode from = graph.find(kind(link.k1), link.a);
        CatalogNode to = graph.find(kind(link.k2), link.b);
        if (from != null && to != null && link.onWrite) {
          from.writeEvaluates(to);
        } else if (from != null && to != null) {
          from.reads(to);
        }
      }
      default -> throw new IllegalStateException("unknown row: " + link.tag);
    }
  }

  /**
   * A foreign key's action hands out no rows of the table that it changes: only what the change
   * evaluates counts, not the table's own class, nor its policies, which an action passes by.
   */
  private void act(CatalogNode referencing) {
    CatalogNode change = graph.evaluatedOnWrite(referencing);
    change.opaque |= referencing.opaque;
    change.irrevocable.addAll(referencing.irrevocable);
    referencing.writes.forEach(change::writeEvaluates);
    for (CatalogNode read : referencing.reads) {
      if (read.kind != Kind.RELATION) {
        change.reads(read);
      }
    }
  }

  /** A stored tree holds this built-in function or relation. */
  private void uses(CatalogNode node, String builtIn) {
    if (IrrevocableNames.function(builtIn)) {
      node.doesForGood(builtIn + "()");
    }
    node.opaque |=
        OpaqueNames.BUILT_IN_FUNCTIONS.contains(builtIn)
            || OpaqueNames.STATISTICS.contains(builtIn);
    if (OpaqueNames.CALL_INPUT_FUNCTIONS.contains(builtIn)) {
      callInputFunctions.add(node);
    }
  }

  /** Which types it names is not looked for in the tree. */
  private void mayInput(CatalogNode node) {
    for (CatalogNode type : graph.all(Kind.TYPE)) {
      if (!type.reads.isEmpty()) {
        node.reads(type);
      }
    }
  }

  private void cast(Link link) {
    CatalogNode function = graph.find(Kind.FUNCTION, Long.parseLong(link.k2));
    if (function == null) {
      return;
    }
    List<CatalogNode> types = new ArrayList<>(2);
    for (long oid : new long[] {link.a, link.b}) {
      CatalogNode type = graph.find(Kind.TYPE, oid);
      if (type != null) {
        types.add(type);
        type.reads(function);
      }
    }
    graph.casts.add(new Cast(function, types, !link.k1.equals("e")));
  }

  private static Kind kind(String letter) {
    return switch (letter) {
      case "r" -> Kind.RELATION;
      case "f" -> Kind.FUNCTION;
      case "o" -> Kind.OPERATOR;
      default -> Kind.TYPE;
    };
  }

  /** Follows table steps and declared edges. A spelling that is none names nothing that exists. */
  private void fill() {
    StepReader steps = new StepReader(graph);
    for (PolicyRule rule : graph.rules) {
      String text = rule.reason();
      if (rule.rule().equals(PolicyRule.FILLED) && text != null) {
        for (CatalogNode table : graph.relations(RelationName.parseOrName(rule.pattern()))) {
          steps.read(table, text);
        }
      }
    }
  }

  private void makeSafe() {
    for (PolicyRule rule : graph.rules) {
      if (rule.rule().equals(PolicyRule.SAFE_FUNCTION)) {
        for (CatalogNode function : graph.all(Kind.FUNCTION)) {
          if (rule.fits(function)) {
            function.opaque = false;
            function.irrevocable.clear();
          }
        }
      }
    }
  }
}
