package io.guardedjdbc.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * SQL that reads entrypoints and policies, in whatever way {@link MapSource} has found: queries of
 * the columns {@code source, entrypoint, store, closure, rule, pattern, reason}, all text. {@code
 * source} is a name of {@link Seed.Source}; rows with a {@code rule} are no seeds.
 */
final class PolicyQuery {
  private PolicyQuery() {}

  /** What policies and baselines say, and which entrypoints have a row in the registry. */
  static String all(MapSource source) {
    List<String> parts = declaredParts(source);
    if (source.lookFunction()) {
      parts.add(entrypoints("REGISTRY", in(source, "certificate_look") + "()"));
    } else if (source.registryTable()) {
      parts.add(entrypoints("REGISTRY", source.registry().quoted()));
    }
    return union(parts);
  }

  /** The same without the registry, whose rows change with every certificate. */
  static String declared(MapSource source) {
    return union(declaredParts(source));
  }

  private static List<String> declaredParts(MapSource source) {
    List<String> parts = new ArrayList<>();
    switch (source.policy()) {
      case FUNCTION ->
          parts.add(
              "SELECT 'POLICY'::pg_catalog.text AS source, g.entrypoint, g.store, g.closure, g.rule,"
                  + " g.pattern, g.reason FROM "
                  + in(source, "guard_policy")
                  + "() g");
      case TABLES -> {
        parts.add(
            "SELECT 'POLICY'::pg_catalog.text AS source, p.entrypoint, p.store, p.closure,"
                + " NULL::pg_catalog.text AS rule, NULL::pg_catalog.text AS pattern,"
                + " NULL::pg_catalog.text AS reason FROM "
                + in(source, "entrypoint_policy")
                + " p");
        parts.add(
            "SELECT 'POLICY'::pg_catalog.text, NULL::pg_catalog.text, r.store,"
                + " NULL::pg_catalog.text, r.rule, r.pattern, r.reason FROM "
                + in(source, "relation_rule")
                + " r");
        if (source.stepTables()) {
          parts.add(filled(in(source, "sql_step"), in(source, "declared_edge")));
        }
      }
      case NONE -> {}
    }
    if (source.baselineTable()) {
      parts.add(entrypoints("BASELINE", in(source, "t0_viewdef_baseline")));
    }
    return parts;
  }

  private static String union(List<String> parts) {
    if (parts.isEmpty()) {
      return "SELECT n.x AS source, n.x AS entrypoint, n.x AS store, n.x AS closure, n.x AS rule,"
          + " n.x AS pattern, n.x AS reason FROM (SELECT NULL::pg_catalog.text AS x) n WHERE false";
    }
    return String.join(" UNION ALL ", parts);
  }

  private static String entrypoints(String source, String from) {
    return "SELECT DISTINCT '"
        + source
        + "'::pg_catalog.text AS source, e.entrypoint::pg_catalog.text AS entrypoint,"
        + " NULL::pg_catalog.text AS store, NULL::pg_catalog.text AS closure,"
        + " NULL::pg_catalog.text AS rule, NULL::pg_catalog.text AS pattern,"
        + " NULL::pg_catalog.text AS reason FROM "
        + from
        + " e WHERE e.entrypoint IS NOT NULL";
  }

  /**
   * What tables are filled from, as {@code guard_policy()} gives it: the table as the pattern, a
   * text that names what it is filled from as the reason.
   */
  private static String filled(String steps, String edges) {
    return """
        SELECT 'POLICY'::pg_catalog.text, NULL::pg_catalog.text, f.store, NULL::pg_catalog.text,
          'filled'::pg_catalog.text, f.relation, f.source
        FROM (
          SELECT s.store, w.w AS relation, pg_catalog.concat_ws(' '::pg_catalog.text,
            pg_catalog.array_to_string(s.reads, ' '::pg_catalog.text), s.sql) AS source
          FROM %STEPS% s CROSS JOIN LATERAL pg_catalog.unnest(s.writes) w(w)
          UNION ALL
          SELECT e.store, COALESCE(w.w, e.to_relation), COALESCE(
            pg_catalog.array_to_string(f.writes, ' '::pg_catalog.text), e.from_relation)
          FROM %EDGES% e
          LEFT JOIN %STEPS% f ON f.store OPERATOR(pg_catalog.=) e.store
            AND f.name OPERATOR(pg_catalog.=) e.from_relation
          LEFT JOIN %STEPS% t ON t.store OPERATOR(pg_catalog.=) e.store
            AND t.name OPERATOR(pg_catalog.=) e.to_relation
          LEFT JOIN LATERAL pg_catalog.unnest(t.writes) w(w) ON true
        ) f"""
        .replace("%STEPS%", steps)
        .replace("%EDGES%", edges);
  }

  static String in(MapSource source, String name) {
    return new RelationName(source.registry().schema(), name).quoted();
  }
}
