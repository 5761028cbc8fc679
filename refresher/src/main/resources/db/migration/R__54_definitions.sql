-- Fingerprints: of what executes, and of what changes without a refresh.

-- The domains among these types and what they are made of, a line each: what they let through, and what they fill in.
CREATE OR REPLACE FUNCTION audit.domain_lines(p_types oid[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(string_agg(format(E'\n  domain %s %s', format_type(y.oid, NULL), concat_ws(' ', format_type(y.typbasetype, y.typtypmod),
                                    CASE WHEN y.typcollation <> b.typcollation THEN 'collate ' || y.typcollation::regcollation END, CASE WHEN y.typnotnull THEN 'not null' END,
                                    'default ' || pg_get_expr(y.typdefaultbin, 0),
                                    (SELECT string_agg(d, ' ' ORDER BY d COLLATE "C") FROM pg_constraint k, pg_get_constraintdef(k.oid) d WHERE k.contypid = y.oid AND k.contype = 'c'))),
                             '' ORDER BY format_type(y.oid, NULL) COLLATE "C"), '')
    FROM (SELECT DISTINCT t FROM unnest(p_types) p, unnest(audit.parts_of(p)) t) u JOIN pg_type y ON y.oid = u.t AND y.typtype = 'd' JOIN pg_type b ON b.oid = y.typbasetype
$$;

-- What executes, as text: definitions under search_path = pg_catalog, columns, options, row security, domains, function bodies, the indexes that CONCURRENTLY
-- needs. Of a table only the columns that the closure reads, unless something reads it whole.
CREATE OR REPLACE FUNCTION audit.definitions(p_entrypoint text)
RETURNS TABLE (object text, kind text, path text[], definition text, fingerprint text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
  -- constants and names are spelled by the session
  SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres' SET extra_float_digits = 1 SET bytea_output = 'hex'
  SET quote_all_identifiers = off SET standard_conforming_strings = on SET lc_monetary = 'C'
AS $$
#variable_conflict use_column
DECLARE
  oids oid[];
  read_by_functions oid[];
  c record;
  whole boolean;
  columns int2[];
  aggregate text;
  secured boolean;   -- row security asks for whom: the owners of views, in their place
  filled boolean;    -- by a step
BEGIN
  SELECT coalesce(array_agg(x.oid) FILTER (WHERE x.kind IN ('v', 'm')), '{}'), coalesce(array_agg(x.oid) FILTER (WHERE x.kind = 'function'), '{}'),
         bool_or(x.kind IN ('r', 'p', 'f') AND EXISTS (SELECT 1 FROM pg_class r WHERE r.oid = x.oid AND r.relrowsecurity))
    INTO oids, read_by_functions, secured FROM audit.closure(p_entrypoint) x;
  read_by_functions := ARRAY(SELECT b.objid FROM unnest(read_by_functions) f, audit.body_references(f) b WHERE b.classid = 'pg_class'::regclass);
  FOR c IN SELECT * FROM audit.closure(p_entrypoint) x ORDER BY x.object LOOP
    object := c.object;
    kind := c.kind;
    path := c.path;
    IF c.kind = 'function' THEN
      SELECT concat_ws(' ', a.aggkind::text, a.aggtransfn::regprocedure::text, nullif(a.aggfinalfn, 0)::regprocedure::text, nullif(a.aggcombinefn, 0)::regprocedure::text,
                       a.aggtranstype::regtype::text, a.agginitval) INTO aggregate FROM pg_aggregate a WHERE a.aggfnoid = c.oid;
      definition := coalesce('AGGREGATE ' || c.object || E'\n' || aggregate, pg_get_functiondef(c.oid)) || coalesce((SELECT E'\n  owner ' || p.proowner::regrole FROM pg_proc p WHERE p.oid = c.oid AND p.prosecdef), '')
        || audit.domain_lines(ARRAY(SELECT unnest(p.proargtypes::oid[] || p.proallargtypes || p.prorettype) FROM pg_proc p WHERE p.oid = c.oid
                                    UNION SELECT d.refobjid FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_type'::regclass
                                    UNION SELECT b.objid FROM audit.body_references(c.oid) b WHERE b.classid = 'pg_type'::regclass));
    ELSE
      SELECT bool_or(d.refobjsubid = 0) OR bool_or(d.classid <> 'pg_rewrite'::regclass) INTO whole
        FROM pg_class x LEFT JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = x.oid AND d.deptype = 'n'
          AND ((d.classid = 'pg_rewrite'::regclass AND EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.oid = d.objid AND w.ev_class = ANY (oids)))
               OR d.classid = 'pg_proc'::regclass)
       WHERE x.oid = c.oid;
      whole := c.kind IN ('v', 'm') OR coalesce(whole, true)
        OR c.oid = ANY (read_by_functions);
      columns := ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND (whole OR EXISTS (SELECT 1 FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
                              WHERE d.classid = 'pg_rewrite'::regclass AND w.ev_class = ANY (oids) AND d.refclassid = 'pg_class'::regclass
                                AND d.refobjid = c.oid AND d.refobjsubid = a.attnum)));
      filled := c.kind IN ('r', 'p', 'f') AND EXISTS (SELECT 1 FROM audit.steps_on(c.oid));
      definition := format('%s %s', CASE c.kind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.object)
        || coalesce((SELECT ' WITH (' || array_to_string(x.reloptions, ', ') || ')' FROM pg_class x WHERE x.oid = c.oid AND c.kind = 'v' AND x.reloptions IS NOT NULL), '')
        || coalesce((SELECT E'\n  owner ' || x.relowner::regrole FROM pg_class x WHERE x.oid = c.oid AND c.kind IN ('v', 'm') AND secured), '')
        || coalesce((SELECT string_agg(format(E'\n  column %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                              CASE WHEN a.attcollation <> y.typcollation THEN ' collate ' || a.attcollation::regcollation::text ELSE '' END,
                                              CASE WHEN a.attgenerated <> '' THEN ' generated ' || pg_get_expr(e.adbin, e.adrelid) WHEN filled THEN coalesce(' default ' || pg_get_expr(e.adbin, e.adrelid), '') ELSE '' END), '' ORDER BY a.attnum)
                       FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
                      WHERE a.attrelid = c.oid AND a.attnum = ANY (columns)), '')
        || audit.domain_lines(ARRAY(SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (columns)
                                    UNION SELECT d.refobjid FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                                           WHERE w.ev_class = c.oid AND d.refclassid = 'pg_type'::regclass
                                    UNION SELECT r.objid FROM audit.steps_on(c.oid) s, audit.step_references(s.reads, s.sql) r WHERE r.classid = 'pg_type'::regclass))
        || coalesce((SELECT string_agg(E'\n  ' || regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ', 'INDEX ON '), '' ORDER BY regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ', 'INDEX ON ') COLLATE "C")
                       FROM pg_index i WHERE c.kind = 'm' AND i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL), '')
        || coalesce((SELECT E'\n  row security' || CASE WHEN x.relforcerowsecurity THEN ', forced' ELSE '' END
                            || coalesce((SELECT string_agg(format(E'\n  policy %I %s %s to %s %s', y.polname, CASE WHEN y.polpermissive THEN 'permissive' ELSE 'restrictive' END, y.polcmd,
                                                                  (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r::regrole::text COLLATE "C") FROM unnest(y.polroles) r),
                                                                  pg_get_expr(y.polqual, y.polrelid)), '' ORDER BY y.polname) FROM pg_policy y WHERE y.polrelid = x.oid), '')
                       FROM pg_class x WHERE x.oid = c.oid AND x.relrowsecurity), '')
        || coalesce((SELECT string_agg(format(E'\n  step %s: %s', t.name, t.sql), '' ORDER BY t.name) FROM audit.steps_on(c.oid) t), '')
        -- what runs when a step writes; the seal's own triggers change nothing
        || coalesce((SELECT string_agg(format(E'\n  %s\n%s', pg_get_triggerdef(t.oid), pg_get_functiondef(t.tgfoid)), '' ORDER BY t.tgname)
                       FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
                      WHERE filled AND t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND f.pronamespace <> 'audit'::regnamespace), '')
        || coalesce((SELECT string_agg(E'\n  ' || pg_get_ruledef(w.oid), '' ORDER BY w.rulename) FROM pg_rewrite w WHERE filled AND w.ev_class = c.oid AND w.ev_type <> '1' AND w.ev_enabled <> 'D'), '')
        || CASE WHEN c.kind IN ('v', 'm') THEN E'\nAS\n' || pg_get_viewdef(c.oid) ELSE '' END;
    END IF;
    fingerprint := encode(sha256(convert_to(definition, 'UTF8')), 'hex');
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.definition_digest(p_store text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT encode(sha256(convert_to(string_agg(d.object || '=' || d.fingerprint, E'\n' ORDER BY d.object COLLATE "C"), 'UTF8')), 'hex')
  FROM audit.definitions(audit.entrypoint_of_store(p_store)) d
$$;

CREATE OR REPLACE FUNCTION audit.definition_objects(p_store text) RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)::int FROM audit.closure(audit.entrypoint_of_store(p_store))
$$;

-- Data that the closure has without a refresh: the storage of its relations (a plain REFRESH, TRUNCATE or rewrite changes it, CONCURRENTLY does not) and the
-- rows of tables that are read live, with the transactions that wrote them. Null where a live table is too large to look through: then a chain never goes on.
CREATE OR REPLACE FUNCTION audit.live_digest(p_store text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
DECLARE
  parts text[] := '{}';
  part text;
  c record;
BEGIN
  FOR c IN SELECT x.object, x.kind, x.oid, x.live FROM audit.closure(audit.entrypoint_of_store(p_store)) x
            WHERE x.kind IN ('m', 'r', 'p', 'f') ORDER BY x.object COLLATE "C" LOOP
    IF c.kind = 'm' THEN
      parts := parts || format('%s %s', c.object, pg_relation_filenode(c.oid));
    ELSIF c.live AND c.kind = 'r' AND EXISTS (SELECT 1 FROM pg_namespace n JOIN pg_class r ON r.relnamespace = n.oid WHERE r.oid = c.oid AND n.nspname = 'pg_catalog') THEN
      RETURN NULL;
    ELSIF c.live AND c.kind = 'f' THEN
      RETURN NULL;
    ELSIF c.live AND c.kind = 'r' AND NOT EXISTS (SELECT 1 FROM audit.steps_on(c.oid) t WHERE t.store = p_store) THEN
      IF pg_relation_size(c.oid) > 16 * 1024 * 1024 OR NOT has_table_privilege(c.oid, 'SELECT') THEN
        RETURN NULL;
      END IF;
      -- record_out, not a cast: no cast of a user's making runs here
      EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(hashtextextended(textin(record_out(t)) || t.xmin::text, 0)), 0) FROM ONLY %s t', c.object) INTO part;
      parts := parts || format('%s %s %s', c.object, pg_relation_filenode(c.oid), part);
    END IF;
  END LOOP;
  RETURN encode(sha256(convert_to(array_to_string(parts, E'\n'), 'UTF8')), 'hex');
END
$$;
