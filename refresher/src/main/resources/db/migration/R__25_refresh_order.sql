-- What a run of a store refreshes, in which order, and whose certificates that touches.

CREATE OR REPLACE FUNCTION audit.entrypoint_of_store(p_store text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text;
BEGIN
  SELECT y.entrypoint INTO name FROM audit.entrypoint_policy y WHERE y.store = p_store;
  IF name IS NULL THEN
    RAISE EXCEPTION 'store % is not known here', p_store USING ERRCODE = '22023', HINT = 'Run: refresher init';
  END IF;
  IF to_regclass(name) IS NULL THEN
    RAISE EXCEPTION 'the entrypoint % of store % does not exist. Create it again, or name another one in the store''s file and run: refresher init', name, p_store USING ERRCODE = '42P01';
  END IF;
  RETURN name;
END
$$;

-- Whether REFRESH … CONCURRENTLY can work, null when it can.
CREATE OR REPLACE FUNCTION audit.why_not_concurrently(p_view oid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  populated boolean;
  usable boolean;
  allowed boolean;
BEGIN
  SELECT c.relispopulated,
         EXISTS (SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam
                  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                    AND a.amname = 'btree' AND NOT 0 = ANY (i.indkey::int2[])),
         pg_has_role(c.relowner, 'USAGE')
    INTO populated, usable, allowed FROM pg_class c WHERE c.oid = p_view;
  IF NOT allowed AND current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE 'SELECT has_table_privilege($1, ''MAINTAIN'')' INTO allowed USING p_view;
  END IF;
  RETURN CASE WHEN NOT allowed THEN format('%s may not refresh it: owner%s needed', current_user,
                                           CASE WHEN current_setting('server_version_num')::int >= 170000 THEN ' or MAINTAIN' ELSE '' END)
              WHEN NOT populated THEN 'not populated'
              WHEN NOT usable THEN 'no valid unique index on plain columns without WHERE' END;
END
$$;

-- Why a SQL step can't be part of an atomic run, null when it can: what it does is not MVCC, or rewrites what readers hold. Read from the text, in bodies of
-- DO too; what a step hides in EXECUTE or in a function is its author's word.
CREATE OR REPLACE FUNCTION audit.why_not_atomic(p_sql text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'it needs ' || upper((regexp_match(regexp_replace(p_sql, '--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/|''(?:[^'']|'''')*''', ' ', 'g'),
    '(?:^|;|\$|\mbegin\M|\mthen\M|\melse\M|\mloop\M)\s*(truncate|alter|drop|create|cluster|refresh)\M', 'i'))[1])
$$;

-- Each materialized view and SQL step of a store, after everything that it reads.
CREATE OR REPLACE FUNCTION audit.refresh_order(p_store text)
RETURNS TABLE (step int, object text, depends_on text[], concurrently_possible boolean, reason text, kind text, level int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  nodes text[];
  kinds text[];
  needs jsonb := '{}';      -- node → what it depends on
  why jsonb := '{}';
  done text[] := '{}';
  ready text[];
  reached text[];
  sources text[];
  targets text[];
  has_steps boolean := EXISTS (SELECT 1 FROM audit.sql_step s WHERE s.store = p_store);
  i int;
  now_level int := 0;
  r record;
BEGIN
  SELECT coalesce(array_agg(c.object ORDER BY c.object), '{}'), coalesce(array_agg('matview'::text), '{}') INTO nodes, kinds
    FROM (SELECT x.object FROM audit.closure(root) x WHERE x.kind = 'm'
          UNION   -- what a step reads whose table the entrypoint does not
          SELECT x.object FROM audit.sql_step s, audit.step_references(s.reads, s.sql) f, audit.closure(audit.relation_name(f.objid)) x
           WHERE s.store = p_store AND f.classid = 'pg_class'::regclass AND x.kind = 'm') c
   WHERE NOT EXISTS (SELECT 1 FROM audit.relation_rule u WHERE u.store = p_store AND u.rule = 'input' AND audit.matches(c.object, u.pattern));
  FOR r IN SELECT s.name FROM audit.sql_step s WHERE s.store = p_store ORDER BY s.position, s.name LOOP
    nodes := nodes || r.name;
    kinds := kinds || 'sql'::text;
  END LOOP;
  SELECT array_agg(m.matview), array_agg(m.reaches) INTO sources, targets FROM audit.reached_matviews(root) m WHERE m.reaches IS NOT NULL;
  FOR i IN 1 .. coalesce(array_length(nodes, 1), 0) LOOP
    IF kinds[i] = 'matview' THEN
      reached := ARRAY(SELECT t FROM unnest(sources, targets) u (s, t) WHERE u.s = nodes[i]);
      IF has_steps THEN   -- and the tables that a step may write, and views that only a step reads
        reached := reached || ARRAY(SELECT c.object FROM audit.closure(nodes[i]) c WHERE c.object <> nodes[i]);
      END IF;
      why := why || jsonb_build_object(nodes[i], audit.why_not_concurrently(to_regclass(nodes[i])));
    ELSE
      reached := ARRAY(SELECT c.object FROM audit.sql_step s, audit.step_references(s.reads, s.sql) f, audit.closure(audit.relation_name(f.objid)) c
                        WHERE s.store = p_store AND s.name = nodes[i] AND f.classid = 'pg_class'::regclass
                          AND f.objid <> ALL (ARRAY(SELECT to_regclass(w)::oid FROM unnest(s.writes) w WHERE to_regclass(w) IS NOT NULL)));
    END IF;
    needs := needs || jsonb_build_object(nodes[i], (
      SELECT coalesce(jsonb_agg(d ORDER BY d), '[]') FROM (
        SELECT x AS d FROM unnest(nodes) x WHERE x = ANY (reached)
        UNION SELECT s.name FROM audit.sql_step s, unnest(s.writes) x
               WHERE s.store = p_store AND s.name <> nodes[i] AND audit.relation_name(to_regclass(x)) = ANY (reached)
        UNION SELECT e.from_relation FROM audit.declared_edge e
               WHERE e.store = p_store AND e.to_relation = nodes[i] AND e.from_relation = ANY (nodes)) q WHERE d <> nodes[i]));
  END LOOP;
  step := 0;
  WHILE coalesce(array_length(done, 1), 0) < coalesce(array_length(nodes, 1), 0) LOOP
    ready := ARRAY(SELECT x FROM unnest(nodes) WITH ORDINALITY u (x, o)
                    WHERE x <> ALL (done) AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(needs -> x) d WHERE d <> ALL (done)) ORDER BY o);
    IF ready = '{}' THEN
      RAISE EXCEPTION 'the refresh order of store % has a cycle: %', p_store,
        (SELECT string_agg(x || ' needs ' || (needs ->> x), '; ') FROM unnest(nodes) x WHERE x <> ALL (done)) USING ERRCODE = '42P19';
    END IF;
    FOR i IN 1 .. array_length(ready, 1) LOOP
      object := ready[i];
      step := step + 1;
      kind := kinds[array_position(nodes, object)];
      depends_on := ARRAY(SELECT jsonb_array_elements_text(needs -> object));
      reason := CASE WHEN kind = 'matview' THEN why ->> object
                     ELSE (SELECT audit.why_not_atomic(s.sql) FROM audit.sql_step s WHERE s.store = p_store AND s.name = ready[i]) END;
      concurrently_possible := reason IS NULL;
      level := now_level;
      RETURN NEXT;
    END LOOP;
    done := done || ready;
    now_level := now_level + 1;
  END LOOP;
END
$$;

-- What a run of a store changes.
CREATE OR REPLACE FUNCTION audit.changed_objects(p_store text) RETURNS TABLE (object text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o.object FROM audit.refresh_order(p_store) o WHERE o.kind = 'matview'
  UNION SELECT audit.relation_name(to_regclass(w)) FROM audit.sql_step s, unnest(s.writes) w WHERE s.store = p_store
$$;

-- Other stores that a run of this one acts for: those whose closure holds what it refreshes or writes.
CREATE OR REPLACE FUNCTION audit.touched_entrypoints(p_store text) RETURNS TABLE (store text, entrypoint text, objects text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH changed AS MATERIALIZED (SELECT h.object FROM audit.changed_objects(p_store) h)
  SELECT y.store, y.entrypoint, array_agg(c.object ORDER BY c.object)
    FROM audit.entrypoint_policy y CROSS JOIN LATERAL audit.closure(y.entrypoint) c JOIN changed h ON h.object = c.object
   WHERE y.store <> p_store
   GROUP BY y.store, y.entrypoint
   ORDER BY y.store
$$;

-- Whether a run of one store refreshes every materialized view that another store reads: only then are the other's data as young as the run.
CREATE OR REPLACE FUNCTION audit.refreshes_all(p_store text, p_other text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT o.object FROM audit.refresh_order(p_other) o EXCEPT SELECT o.object FROM audit.refresh_order(p_store) o WHERE o.kind = 'matview')
$$;

-- Certificates that no store of ours speaks for, of entrypoints whose closure holds what a run of this store changes: nobody here knows their gates, so the
-- run takes them away. A row of an alias means nothing.
CREATE OR REPLACE FUNCTION audit.touched_certificates(p_store text) RETURNS TABLE (entrypoint text, objects text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  g record;
  changed text[];
BEGIN
  FOR g IN SELECT r.entrypoint AS name FROM audit.t0_cert_registry r WHERE upper(r.status) IN ('CERTIFIED', 'REFRESHING')
            AND NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = audit.deciding_entrypoint(r.entrypoint)) ORDER BY r.entrypoint LOOP
    changed := coalesce(changed, ARRAY(SELECT h.object FROM audit.changed_objects(p_store) h));
    BEGIN
      objects := ARRAY(SELECT c.object FROM audit.closure(g.name) c WHERE c.object = ANY (changed) ORDER BY 1);
    EXCEPTION WHEN syntax_error OR invalid_name THEN
      CONTINUE;   -- no name of a relation
    END;
    IF objects <> '{}' THEN
      entrypoint := g.name;
      RETURN NEXT;
    END IF;
  END LOOP;
END
$$;
