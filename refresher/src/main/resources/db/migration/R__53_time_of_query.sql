-- Definition gate: nothing in the closure depends on the time of the query, or on the session.

-- The settings that a function sets for itself, in lower case: whatever the session's are, they decide on nothing in it.
CREATE OR REPLACE FUNCTION audit.pinned_settings(p_function oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT lower(o.option_name) FROM pg_proc p, pg_options_to_table(p.proconfig) o WHERE p.oid = p_function)
$$;

-- The domains that a view or a function makes values of: its CHECKs run then.
CREATE OR REPLACE FUNCTION audit.domains_made(p_classid oid, p_objid oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT y.oid FROM audit.references_of(p_classid, p_objid) r, unnest(audit.parts_of(r.objid)) t JOIN pg_type y ON y.oid = t AND y.typtype = 'd' WHERE r.classid = 'pg_type'::regclass
$$;

CREATE OR REPLACE FUNCTION audit.gate_time_of_query(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  allowed jsonb := coalesce(audit.settings_of(p_store, 'time-of-query') -> 'allow', '[]');
  views oid[] := ARRAY(SELECT x.oid FROM audit.closure(root) x WHERE x.kind IN ('v', 'm') AND EXISTS (SELECT 1 FROM audit.sql_step));   -- asked for with steps only
  checked int := 0;
  c record;
  f record;
  pinned boolean;
BEGIN
  FOR c IN SELECT * FROM audit.closure(root) x ORDER BY x.depth, x.object LOOP
    checked := checked + (c.kind IN ('v', 'm', 'function'))::int;
    FOR f IN
      SELECT DISTINCT t.what, t.call, t.function_oid FROM (
        SELECT k.what, k.call, k.function_oid FROM pg_rewrite w, audit.tree_calls(w.ev_action::text) k
         WHERE c.kind IN ('v', 'm') AND w.ev_class = c.oid AND w.ev_type = '1'
        UNION ALL
        SELECT k.what, k.call, k.function_oid FROM pg_proc p, audit.tree_calls(p.prosqlbody::text, audit.pinned_settings(p.oid)) k
         WHERE c.kind = 'function' AND p.oid = c.oid AND p.prosqlbody IS NOT NULL
        UNION ALL
        SELECT k.what, k.call, NULL FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql'),
               LATERAL (SELECT array_agg(u.name), array_agg(u.type)
                          FROM (SELECT n.name, n.type FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[])) n (name, type) WHERE n.name <> ''
                                UNION ALL SELECT '$' || n.o, n.type FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY n (type, o)) u) a (names, types),
               LATERAL audit.text_calls(p.prosrc, a.names, a.types, ARRAY(SELECT b.objid FROM audit.body_references(p.oid) b WHERE b.classid = 'pg_class'::regclass), p.prorettype,
                                        audit.pinned_settings(p.oid)) k
         WHERE c.kind = 'function' AND p.oid = c.oid AND p.prosqlbody IS NULL
        UNION ALL
        SELECT k.what, k.call || ' in step ' || s.name, NULL
          FROM audit.steps_on(c.oid) s,
               audit.text_calls(s.sql, '{}', '{}', ARRAY(SELECT r.objid FROM audit.step_references(s.reads, s.sql) r WHERE r.classid = 'pg_class'::regclass), 0) k
         WHERE c.kind IN ('r', 'p')
        UNION ALL   -- what a step leaves to the defaults of columns that views read
        SELECT k.what, format('%s, the default of %I, in step %s', k.call, a.attname, s.name), k.function_oid
          FROM audit.steps_on(c.oid) s, audit.inserted_columns(s.sql, c.oid) n,
               pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = '', audit.tree_calls(d.adbin::text) k
         WHERE c.kind IN ('r', 'p') AND d.adrelid = c.oid AND k.what = 'time' AND a.attname <> ALL (n)
           AND EXISTS (SELECT 1 FROM pg_depend g JOIN pg_rewrite w ON g.classid = 'pg_rewrite'::regclass AND w.oid = g.objid
                        WHERE w.ev_class = ANY (views) AND g.refclassid = 'pg_class'::regclass AND g.refobjid = c.oid AND g.refobjsubid = a.attnum)
        UNION ALL
        SELECT k.what, format('%s in a CHECK of domain %s', k.call, format_type(d, NULL)), k.function_oid
          FROM audit.domains_made(CASE c.kind WHEN 'function' THEN 'pg_proc' ELSE 'pg_class' END::regclass, c.oid) d JOIN pg_constraint n ON n.contypid = d, audit.tree_calls(n.conbin::text) k
         WHERE c.kind IN ('v', 'm', 'function')
        UNION ALL
        SELECT audit.read_as(a.agginitval, a.aggtranstype), format('%L as the initial state', a.agginitval), NULL FROM pg_aggregate a WHERE c.kind = 'function' AND a.aggfnoid = c.oid AND a.agginitval IS NOT NULL
        UNION ALL
        SELECT 'volatile', 'VOLATILE', c.oid FROM pg_proc p WHERE c.kind = 'function' AND p.oid = c.oid AND p.provolatile = 'v'
        UNION ALL
        SELECT 'unread', l.lanname::text, c.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         WHERE c.kind = 'function' AND p.oid = c.oid AND l.lanname NOT IN ('sql', 'plpgsql', 'c', 'internal')
        UNION ALL
        SELECT 'session', 'row security', NULL FROM pg_class r WHERE c.kind IN ('r', 'p', 'f') AND r.oid = c.oid AND r.relrowsecurity) t
       WHERE t.what IS NOT NULL
      ORDER BY t.what, t.call
    LOOP
      -- a VOLATILE function of users is told once, at the function itself
      CONTINUE WHEN f.what = 'volatile' AND f.function_oid IS NOT NULL AND f.function_oid <> c.oid
        AND EXISTS (SELECT 1 FROM pg_proc p WHERE p.oid = f.function_oid AND p.pronamespace <> 'pg_catalog'::regnamespace);
      CONTINUE WHEN EXISTS (
        SELECT 1 FROM jsonb_array_elements(allowed) a, unnest(ARRAY[f.call, 'pg_catalog.' || f.call, regexp_replace(f.call, '\(.*$', ''),
                 CASE WHEN c.kind = 'function' THEN c.object END, CASE WHEN c.kind = 'function' THEN regexp_replace(c.object, '\(.*$', '') END]) n
         WHERE audit.matches(n, a ->> 'function') AND coalesce(a ->> 'reason', '') <> '' AND (a ->> 'object' IS NULL OR audit.matches(c.object, a ->> 'object')));
      pinned := NOT c.live OR f.call LIKE '% in step %';
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'time-of-query',
        CASE f.what WHEN 'time' THEN 'no dependence on the time of the query' WHEN 'volatile' THEN 'no VOLATILE function' WHEN 'session' THEN 'the same rows in every session'
                    ELSE 'a body that can be read' END,
        f.call,
        CASE f.what
          WHEN 'time' THEN format('%s depends on the time of the query: %s', c.object, f.call)
          WHEN 'volatile' THEN CASE WHEN f.function_oid = c.oid THEN format('%s is VOLATILE: it may give other rows at every call', c.object)
                                    ELSE format('%s calls %s, which is VOLATILE', c.object, f.call) END
          WHEN 'session' THEN format('%s depends on the session of the %s: %s', c.object, CASE WHEN pinned THEN 'refresh (pinned by the refresher)' ELSE 'reader' END, f.call)
          ELSE format('%s is written in %s and can''t be searched', c.object, f.call) END || '; path ' || array_to_string(c.path, ' → '),
        p_object => c.object, p_path => c.path, p_severity => CASE WHEN f.what IN ('time', 'volatile') OR f.what = 'session' AND NOT pinned THEN 'block' ELSE 'warn' END);
    END LOOP;
  END LOOP;
  IF checked = 0 THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'time-of-query', 'at least one definition', 'none', 'the gate checked nothing: the closure has no view and no function',
      p_next => format('refresher plan %s', p_store));
  END IF;
END
$$;
