package io.guardedjdbc.catalog;

import java.util.ArrayList;
import java.util.List;

/** SQL that reads entrypoints and policies, in whatever way {@link MapSource} has found. */
final class PolicyQuery {
  private PolicyQuery() {}

  /**
   * A query of the columns {@code source, entrypoint, store, closure, rule, pattern, reason}, all
   * text. {@code source} is a name of {@link Seed.Source}; rows with a {@code rule} are no seeds.
   */
  static String sql(MapSource source) {
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
      }
      case NONE -> {}
    }
    if (source.baselineTable()) {
      parts.add(entrypoints("BASELINE", in(source, "t0_viewdef_baseline")));
    }
    if (source.lookFunction()) {
      parts.add(entrypoints("REGISTRY", in(source, "certificate_look") + "()"));
    } else if (source.registryTable()) {
      parts.add(entrypoints("REGISTRY", source.registry().quoted()));
    }
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

  private static String in(MapSource source, String name) {
    return new RelationName(source.registry().schema(), name).quoted();
  }
}
