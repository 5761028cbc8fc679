package io.guardedjdbc.catalog;

import static java.util.stream.Collectors.joining;

/**
 * The one query that reads the catalog. Its rows are tagged; {@link CatalogRows} knows the tags.
 * Every relation, function, type and operator in it is qualified, so that no {@code search_path}
 * changes its meaning; it needs no privilege beyond what {@link MapSource} has found.
 *
 * <p>Columns: {@code tag, a, b, k1, k2, t1, t2, t3, t4}: two OIDs, two kinds, four texts.
 */
final class MapQuery {
  private static final String FIRST_USER_OID = "16384::pg_catalog.oid";

  private static final String NAMES =
      """
      SELECT 'schema'::pg_catalog.text AS tag, n.oid AS a, 0::pg_catalog.oid AS b,
        ''::pg_catalog.text AS k1, ''::pg_catalog.text AS k2,
        n.nspname::pg_catalog.text AS t1, NULL::pg_catalog.text AS t2,
        NULL::pg_catalog.text AS t3, NULL::pg_catalog.text AS t4
      FROM pg_catalog.pg_namespace n
      UNION ALL
      SELECT 'relation', c.oid, c.relnamespace, c.relkind::pg_catalog.text,
        CASE WHEN c.relowner::pg_catalog.int8 OPERATOR(pg_catalog.=) %OWNER% THEN 'ours' ELSE '' END,
        c.relname::pg_catalog.text,
        CASE WHEN pg_catalog.quote_ident(c.relname::pg_catalog.text)
          OPERATOR(pg_catalog.=) c.relname::pg_catalog.text
          THEN NULL ELSE pg_catalog.quote_ident(c.relname::pg_catalog.text) END,
        NULL, NULL
      FROM pg_catalog.pg_class c WHERE %RELATIONS%
      UNION ALL
      SELECT 'function', p.oid, p.pronamespace,
        CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'a'::pg_catalog."char"
          OR (l.lanname OPERATOR(pg_catalog.=) 'internal'::pg_catalog.name
            AND (pg_catalog.starts_with(p.prosrc, 'range_constructor'::pg_catalog.text)
              OR pg_catalog.starts_with(p.prosrc, 'multirange_constructor'::pg_catalog.text)))
          THEN 'made' ELSE l.lanname::pg_catalog.text END,
        pg_catalog.concat(p.provolatile, CASE WHEN p.proowner::pg_catalog.int8
          OPERATOR(pg_catalog.=) %OWNER% THEN 'ours' ELSE '' END),
        p.proname::pg_catalog.text,
        CASE WHEN l.lanname OPERATOR(pg_catalog.=) ANY
          (ARRAY['sql', 'plpgsql']::pg_catalog.name[]) THEN p.prosrc END,
        x.extname::pg_catalog.text, NULL
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang
      LEFT JOIN pg_catalog.pg_depend d
        ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
        AND d.objid OPERATOR(pg_catalog.=) p.oid
        AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char"
      LEFT JOIN pg_catalog.pg_extension x ON x.oid OPERATOR(pg_catalog.=) d.refobjid
      WHERE p.oid OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      SELECT DISTINCT 'builtin', 0::pg_catalog.oid, 0::pg_catalog.oid, '', '',
        p.proname::pg_catalog.text, NULL, NULL, NULL
      FROM pg_catalog.pg_proc p WHERE p.oid OPERATOR(pg_catalog.<) %USER%
      UNION ALL
      SELECT 'operator', o.oid, o.oprnamespace, '', '', o.oprname::pg_catalog.text,
        NULL, NULL, NULL
      FROM pg_catalog.pg_operator o WHERE o.oid OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      SELECT 'type', t.oid, t.typnamespace, t.typtype::pg_catalog.text,
        t.typarray::pg_catalog.text, t.typname::pg_catalog.text, NULL,
        y.typname::pg_catalog.text, NULL
      FROM pg_catalog.pg_type t
      LEFT JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) t.typarray
      WHERE (t.typtype OPERATOR(pg_catalog.<>) 'c'::pg_catalog."char"
          OR t.oid OPERATOR(pg_catalog.=) ANY (SELECT m.reltype FROM %ATTRIBUTES% m))
        AND (t.typcategory OPERATOR(pg_catalog.<>) 'A'::pg_catalog."char"
          OR t.typtype OPERATOR(pg_catalog.=) 'd'::pg_catalog."char")
      """;

  private static final String EDGES =
      """
      UNION ALL
      SELECT 'inherits', h.inhrelid, h.inhparent, '', '', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_inherits h
      UNION ALL
      -- pg_depend omits both; a planner puts them in place of the operator that is spelled
      SELECT 'edge', o.oid, u.other, 'o', 'o', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_operator o
      CROSS JOIN LATERAL (VALUES (o.oprnegate), (o.oprcom)) u(other)
      WHERE o.oid OPERATOR(pg_catalog.>=) %USER% AND u.other OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      -- what a type is made of: pg_depend omits built-in types, and multiranges
      SELECT 'edge', t.oid, t.typbasetype, 't', 't', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_type t WHERE t.typtype OPERATOR(pg_catalog.=) 'd'::pg_catalog."char"
      UNION ALL
      SELECT 'edge', m.reltype, m.atttypid, 't', 't', NULL, NULL, NULL, NULL
      FROM %ATTRIBUTES% m
      UNION ALL
      SELECT 'edge', r.rngmultitypid, r.rngtypid, 't', 't', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_range r WHERE r.rngtypid OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      SELECT 'action', k.confrelid, k.conrelid, '', '', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_constraint k
      WHERE k.contype OPERATOR(pg_catalog.=) 'f'::pg_catalog."char"
        AND (k.confdeltype OPERATOR(pg_catalog.=) ANY
            (ARRAY['c', 'n', 'd']::pg_catalog."char"[])
          OR k.confupdtype OPERATOR(pg_catalog.=) ANY
            (ARRAY['c', 'n', 'd']::pg_catalog."char"[]))
      UNION ALL
      SELECT 'deferrable', t.tgrelid, t.tgfoid, '', '', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_trigger t
      WHERE t.tgdeferrable AND t.tgfoid OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      SELECT 'truncates', t.tgrelid, t.tgfoid, '', '', NULL, NULL, NULL, NULL
      FROM %TRUNCATES% t
      UNION ALL
      SELECT 'cascades', k.confrelid, k.conrelid, '', '', NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_constraint k
      WHERE k.contype OPERATOR(pg_catalog.=) 'f'::pg_catalog."char"
        AND EXISTS (SELECT FROM %TRUNCATES% t)
      UNION ALL
      SELECT 'cast', k.castsource, k.casttarget, k.castcontext::pg_catalog.text,
        k.castfunc::pg_catalog.text, NULL, NULL, NULL, NULL
      FROM pg_catalog.pg_cast k WHERE k.castfunc OPERATOR(pg_catalog.>=) %USER%
      UNION ALL
      SELECT 'edge', o.node, d.refobjid, o.kind, CASE
          WHEN d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
            THEN 'r'
          WHEN d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
            THEN 'f'
          WHEN d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_operator'::pg_catalog.regclass
            THEN 'o' ELSE 't' END,
        CASE WHEN o.on_write THEN 'write' END, NULL, NULL, NULL
      FROM (
        -- distinct before the join: a view has a row for each column that it names
        SELECT DISTINCT d.classid, d.objid, d.refclassid, d.refobjid FROM pg_catalog.pg_depend d
        WHERE d.deptype OPERATOR(pg_catalog.=) 'n'::pg_catalog."char"
          AND d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_class',
            'pg_catalog.pg_proc', 'pg_catalog.pg_operator', 'pg_catalog.pg_type'
            ]::pg_catalog.regclass[]::pg_catalog.oid[])) d
      JOIN owner o ON d.classid OPERATOR(pg_catalog.=) o.classid
        AND d.objid OPERATOR(pg_catalog.=) o.objid
      WHERE o.reads_relations
        OR d.refclassid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_class'::pg_catalog.regclass
      UNION ALL
      SELECT 'tree', e.node, 0::pg_catalog.oid, e.kind, u.oids,
        CASE WHEN e.on_write THEN 'write' END, NULL, NULL, NULL
      FROM (
        SELECT r.ev_class AS node, 'r'::pg_catalog.text AS kind,
          r.ev_action::pg_catalog.text AS tree,
          r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char" AS on_write
        FROM pg_catalog.pg_rewrite r WHERE r.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT r.ev_class, 'r', r.ev_qual::pg_catalog.text, true
        FROM pg_catalog.pg_rewrite r WHERE r.oid OPERATOR(pg_catalog.>=) %USER%
          AND r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char"
        UNION ALL
        SELECT p.oid, 'f', pg_catalog.concat(p.prosqlbody, p.proargdefaults), false
        FROM pg_catalog.pg_proc p WHERE p.oid OPERATOR(pg_catalog.>=) %USER%
          AND (p.prosqlbody IS NOT NULL OR p.proargdefaults IS NOT NULL)
        UNION ALL
        SELECT p.polrelid, 'r', pg_catalog.concat(p.polqual, p.polwithcheck), false
        FROM pg_catalog.pg_policy p
        UNION ALL
        SELECT a.adrelid, 'r', a.adbin::pg_catalog.text, false FROM pg_catalog.pg_attrdef a
        UNION ALL
        SELECT t.tgrelid, 'r', t.tgqual::pg_catalog.text, true
        FROM pg_catalog.pg_trigger t WHERE t.tgqual IS NOT NULL
        UNION ALL
        SELECT i.indrelid, 'r', pg_catalog.concat(i.indexprs, i.indpred), true
        FROM pg_catalog.pg_index i WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
        UNION ALL
        SELECT CASE WHEN k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid
            THEN k.conrelid ELSE k.contypid END,
          CASE WHEN k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'r' ELSE 't' END,
          k.conbin::pg_catalog.text, k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid
        FROM pg_catalog.pg_constraint k WHERE k.conbin IS NOT NULL
        UNION ALL
        SELECT t.oid, 't', t.typdefaultbin::pg_catalog.text, false
        FROM pg_catalog.pg_type t WHERE t.typdefaultbin IS NOT NULL
        UNION ALL
        -- no trees, but written like one: functions that are called by OID alone
        SELECT o.oid, 'o', pg_catalog.concat(':funcid ', o.oprcode::pg_catalog.oid), false
        FROM pg_catalog.pg_operator o WHERE o.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT a.aggfnoid::pg_catalog.oid, 'f', pg_catalog.concat(
          ':funcid ', a.aggtransfn::pg_catalog.oid, ' :funcid ', a.aggfinalfn::pg_catalog.oid,
          ' :funcid ', a.aggmtransfn::pg_catalog.oid, ' :funcid ', a.aggminvtransfn::pg_catalog.oid,
          ' :funcid ', a.aggmfinalfn::pg_catalog.oid, ' :funcid ', a.aggcombinefn::pg_catalog.oid),
          false
        FROM pg_catalog.pg_aggregate a
        WHERE a.aggfnoid::pg_catalog.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT pg_catalog.unnest(ARRAY[k.castsource, k.casttarget]), 't',
          pg_catalog.concat(':funcid ', k.castfunc), false
        FROM pg_catalog.pg_cast k WHERE k.oid OPERATOR(pg_catalog.>=) %USER%
      ) e
      -- cut at each OID: a regular expression over all that text takes twice the time
      CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(c.oid, ','::pg_catalog.text) AS oids FROM (
          SELECT pg_catalog.split_part(pg_catalog."left"(f.cut, 11), ' '::pg_catalog.text, 1) FROM (
            SELECT pg_catalog.unnest(
              pg_catalog.string_to_array(e.tree, ':funcid '::pg_catalog.text))
            UNION ALL
            SELECT pg_catalog.unnest(
              pg_catalog.string_to_array(e.tree, ':relid '::pg_catalog.text))
          ) f(cut)
        ) c(oid)
        WHERE c.oid OPERATOR(pg_catalog.=) ANY ('{%MARKED%}'::pg_catalog.text[])) u
      WHERE u.oids IS NOT NULL
      """;

  private static final String TRUNCATES =
      """
      (SELECT t.tgrelid, t.tgfoid FROM pg_catalog.pg_trigger t
        WHERE t.tgfoid OPERATOR(pg_catalog.>=) %USER%
          AND (t.tgtype::pg_catalog.int4 OPERATOR(pg_catalog.&) 32)
            OPERATOR(pg_catalog.<>) 0)""";

  /** Which node owns what {@code pg_depend} calls an object: a rule's is its relation. */
  private static final String OWNER =
      """
      owner AS (
        SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid AS classid,
          r.oid AS objid, r.ev_class AS node, 'r'::pg_catalog.text AS kind,
          r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char" AS on_write,
          true AS reads_relations
        FROM pg_catalog.pg_rewrite r
        UNION ALL
        SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid, p.polrelid, 'r', false, true
        FROM pg_catalog.pg_policy p
        UNION ALL
        SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, t.tgrelid, 'r', true, false
        FROM pg_catalog.pg_trigger t
        -- PostgreSQL 14 calls a partition's copy of its parent's trigger internal
        WHERE NOT t.tgisinternal OR t.tgfoid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid, a.adrelid, 'r', false, false
        FROM pg_catalog.pg_attrdef a
        UNION ALL
        SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
          CASE WHEN k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid
            THEN k.conrelid ELSE k.contypid END,
          CASE WHEN k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'r' ELSE 't' END,
          k.contypid OPERATOR(pg_catalog.=) 0::pg_catalog.oid, false
        FROM pg_catalog.pg_constraint k
        UNION ALL
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, i.indrelid, 'r',
          true, false
        FROM pg_catalog.pg_index i
        UNION ALL
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, c.oid, 'r', true, false
        FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.oid, 'f', false, true
        FROM pg_catalog.pg_proc p WHERE p.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, o.oid, 'o', false, false
        FROM pg_catalog.pg_operator o WHERE o.oid OPERATOR(pg_catalog.>=) %USER%
        UNION ALL
        SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.oid, 't', false, false
        FROM pg_catalog.pg_type t
        WHERE t.typtype OPERATOR(pg_catalog.=) ANY (ARRAY['d', 'r']::pg_catalog."char"[])
      )
      """;

  private MapQuery() {}

  static String sql(MapSource source) {
    String oids =
        source.marked().keySet().stream().sorted().map(String::valueOf).collect(joining(","));
    String catalog =
        ("WITH " + OWNER + NAMES + EDGES)
            .replace("%OWNER%", source.owner() + "::pg_catalog.int8")
            .replace("%RELATIONS%", CatalogDigest.RELATIONS)
            .replace("%TRUNCATES%", TRUNCATES)
            .replace("%ATTRIBUTES%", CatalogDigest.ATTRIBUTES)
            .replace("%USER%", FIRST_USER_OID)
            .replace("%MARKED%", oids);
    return catalog
        + "UNION ALL SELECT 'seed', 0::pg_catalog.oid, 0::pg_catalog.oid, s.source,"
        + " COALESCE(s.rule, ''), CASE WHEN s.rule IS NULL THEN s.entrypoint ELSE s.pattern END,"
        + " s.store, s.closure, s.reason FROM ("
        + PolicyQuery.all(source)
        + ") s UNION ALL SELECT 'digest', 0::pg_catalog.oid, 0::pg_catalog.oid, '', '', g.digest,"
        + " g.changes, NULL, NULL FROM ("
        + CatalogDigest.sql(source)
        + ") g(digest, changes)";
  }
}
