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

-- Why REFRESH … CONCURRENTLY can't work for anybody, null when it can. Whose view it is, is another question: then no REFRESH works.
CREATE OR REPLACE FUNCTION audit.why_not_concurrently(p_view oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN NOT c.relispopulated THEN 'not populated'
              WHEN NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am a ON a.oid = x.relam
                                WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
                                  AND a.amname = 'btree' AND NOT 0 = ANY (i.indkey::int2[])) THEN 'no valid unique index on plain columns without WHERE' END
    FROM pg_class c WHERE c.oid = p_view
$$;

-- Why a SQL step can't be part of an atomic run, null when it can: what it does is not MVCC, rewrites what readers hold, or makes them wait for its lock. Read
-- from the text, in bodies of DO too; what a step hides in EXECUTE or in a function is its author's word.
CREATE OR REPLACE FUNCTION audit.why_not_atomic(p_sql text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'it needs ' || regexp_replace(upper((regexp_match(regexp_replace(p_sql, '--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/|''(?:[^'']|'''')*''', ' ', 'g'),
    '(?:^|;|\$|\mbegin\M|\mthen\M|\melse\M|\mloop\M)\s*(truncate|alter|drop|create|cluster|refresh|reindex|reassign'
    || '|lock(?![^;]*\min\s+(?:access\s+share|row\s+share|row\s+exclusive|share\s+update\s+exclusive|share|share\s+row\s+exclusive|exclusive)\s+mode\M))\M', 'i'))[1]),
    '^LOCK$', 'LOCK in ACCESS EXCLUSIVE mode')
$$;

-- Each materialized view and SQL step of a store, after everything that it reads. Steps of other stores belong to it where they fill what its views read:
-- without them its views, and the other store's, would hold rows of two states. They are called STORE/NAME.
DROP FUNCTION IF EXISTS audit.refresh_order(text);
CREATE OR REPLACE FUNCTION audit.refresh_order(p_store text)
RETURNS TABLE (step int, object text, depends_on text[], concurrently_possible boolean, reason text, kind text, level int, sql text, writes text[])
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
  steps jsonb := '{}';      -- node of a step → whose it is, its name there
  tables oid[];             -- what the refreshed views reach
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
  IF EXISTS (SELECT 1 FROM audit.sql_step s WHERE s.store <> p_store) THEN
    tables := ARRAY(SELECT c.oid FROM unnest(nodes) x, audit.closure(x) c WHERE c.kind IN ('r', 'p') UNION SELECT c.oid FROM audit.closure(root) c WHERE c.live AND c.kind IN ('r', 'p'));
  END IF;
  FOR r IN SELECT s.store, s.name, s.writes, CASE WHEN s.store = p_store THEN s.name ELSE s.store || '/' || s.name END AS node, regexp_replace(s.sql, '\s+', ' ', 'g') AS sql
             FROM audit.sql_step s
            WHERE s.store = p_store OR EXISTS (SELECT 1 FROM unnest(s.writes) w WHERE to_regclass(w)::oid = ANY (tables))
            ORDER BY s.store <> p_store, s.store, s.position, s.name LOOP
    -- a step that two stores declare alike is one
    CONTINUE WHEN EXISTS (SELECT 1 FROM jsonb_each(steps) k WHERE k.value ->> 'store' <> r.store AND k.value ->> 'sql' = r.sql AND k.value -> 'writes' = to_jsonb(r.writes));
    steps := steps || jsonb_build_object(r.node, jsonb_build_object('store', r.store, 'name', r.name, 'sql', r.sql, 'writes', r.writes));
    nodes := nodes || r.node;
    kinds := kinds || 'sql'::text;
  END LOOP;
  SELECT array_agg(m.matview), array_agg(m.reaches) INTO sources, targets FROM audit.reached_matviews(root) m WHERE m.reaches IS NOT NULL;
  FOR i IN 1 .. coalesce(array_length(nodes, 1), 0) LOOP
    IF kinds[i] = 'matview' THEN
      reached := ARRAY(SELECT t FROM unnest(sources, targets) u (s, t) WHERE u.s = nodes[i]);
      IF steps <> '{}' THEN   -- and the tables that a step may write, and views that only a step reads
        reached := reached || ARRAY(SELECT c.object FROM audit.closure(nodes[i]) c WHERE c.object <> nodes[i]);
      END IF;
      why := why || jsonb_build_object(nodes[i], audit.why_not_concurrently(to_regclass(nodes[i])));
    ELSE
      reached := ARRAY(SELECT c.object FROM audit.sql_step s, audit.step_references(s.reads, s.sql) f, audit.closure(audit.relation_name(f.objid)) c
                        WHERE s.store = steps -> nodes[i] ->> 'store' AND s.name = steps -> nodes[i] ->> 'name' AND f.classid = 'pg_class'::regclass
                          AND f.objid <> ALL (ARRAY(SELECT to_regclass(w)::oid FROM unnest(s.writes) w WHERE to_regclass(w) IS NOT NULL)));
    END IF;
    needs := needs || jsonb_build_object(nodes[i], (
      SELECT coalesce(jsonb_agg(d ORDER BY d), '[]') FROM (
        SELECT x AS d FROM unnest(nodes) x WHERE x = ANY (reached)
        UNION SELECT k.key FROM jsonb_each(steps) k, jsonb_array_elements_text(k.value -> 'writes') x
               WHERE k.key <> nodes[i] AND audit.relation_name(to_regclass(x)) = ANY (reached)
        -- an edge may name a step of its store
        UNION SELECT a.node FROM audit.declared_edge e, unnest(nodes) a (node),
                    LATERAL (SELECT CASE WHEN steps ? (e.store || '/' || e.from_relation) THEN e.store || '/' || e.from_relation ELSE e.from_relation END) f (name),
                    LATERAL (SELECT CASE WHEN steps ? (e.store || '/' || e.to_relation) THEN e.store || '/' || e.to_relation ELSE e.to_relation END) t (name)
               WHERE f.name IN (a.node, audit.bare_name(a.node)) AND t.name IN (nodes[i], audit.bare_name(nodes[i]))) q
       WHERE d <> nodes[i]));
  END LOOP;
  step := 0;
  WHILE coalesce(array_length(done, 1), 0) < coalesce(array_length(nodes, 1), 0) LOOP
    ready := ARRAY(SELECT x FROM unnest(nodes) WITH ORDINALITY u (x, o)
                    WHERE x <> ALL (done) AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(needs -> x) d WHERE d <> ALL (done)) ORDER BY o);
    IF ready = '{}' THEN
      RAISE EXCEPTION 'the refresh order of store % has a cycle: %', p_store,
        (SELECT string_agg(x || ' needs ' || (SELECT string_agg(d, ' and ') FROM jsonb_array_elements_text(needs -> x) d WHERE d <> ALL (done)), '; ')
           FROM unnest(nodes) x WHERE x <> ALL (done)) USING ERRCODE = '42P19', HINT = 'Take one of these edges out of the store''s file';
    END IF;
    FOR i IN 1 .. array_length(ready, 1) LOOP
      object := ready[i];
      step := step + 1;
      kind := kinds[array_position(nodes, object)];
      depends_on := ARRAY(SELECT jsonb_array_elements_text(needs -> object));
      sql := NULL;
      writes := '{}';
      IF kind = 'sql' THEN
        SELECT s.sql, s.writes INTO sql, writes FROM audit.sql_step s WHERE s.store = steps -> ready[i] ->> 'store' AND s.name = steps -> ready[i] ->> 'name';
      END IF;
      reason := CASE WHEN kind = 'matview' THEN why ->> object
                     ELSE audit.why_not_atomic(sql) END;
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
  UNION SELECT audit.relation_name(to_regclass(w)) FROM audit.refresh_order(p_store) o, unnest(o.writes) w
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

-- Entrypoints of other stores in the closure of this one. A run of it certifies their rows with its own, so that they must have a certificate themselves;
-- status is null where they have.
CREATE OR REPLACE FUNCTION audit.upstream_entrypoints(p_store text) RETURNS TABLE (store text, entrypoint text, status text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT y.store, y.entrypoint,
         CASE WHEN g.entrypoint IS NULL THEN 'without a certificate' WHEN upper(g.status) <> 'CERTIFIED' THEN upper(g.status)
              WHEN g.certified_at IS NULL OR g.certified_at + coalesce(g.max_age, y.max_age) < clock_timestamp() THEN 'TOO OLD' END
    FROM audit.entrypoint_policy y JOIN audit.closure(audit.entrypoint_of_store(p_store)) c ON c.oid = to_regclass(y.entrypoint) AND c.kind <> 'function'
         LEFT JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint
   WHERE y.store <> p_store
   ORDER BY y.store
$$;

-- Why a store can't be certified as things stand around it, null when it can. Those in p_passing are about to be certified in the same transaction.
CREATE OR REPLACE FUNCTION audit.upstream_complaint(p_store text, p_passing text[] DEFAULT '{}') RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('store %s reads %s, which %s not certified. Run: %s', p_store,
                string_agg(format('%s of store %s (%s)', u.entrypoint, u.store, u.status), ', '), CASE count(*) WHEN 1 THEN 'is' ELSE 'are' END,
                string_agg('refresher run ' || u.store, '; '))
    FROM audit.upstream_entrypoints(p_store) u WHERE u.status IS NOT NULL AND u.store <> ALL (p_passing) HAVING count(*) > 0
$$;

-- These stores, each after those that it reads: in that order they are certified.
CREATE OR REPLACE FUNCTION audit.upstream_first(p_stores text[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(x.s ORDER BY x.upstream, x.o), '{}')
    FROM (SELECT s, o, (SELECT count(*) FROM audit.upstream_entrypoints(s)) AS upstream FROM unnest(p_stores) WITH ORDINALITY t (s, o)) x
$$;

-- Whether a run of one store does all that a run of another would: only then are the other's data as young as the run.
CREATE OR REPLACE FUNCTION audit.refreshes_all(p_store text, p_other text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT NOT EXISTS (SELECT coalesce(o.sql, o.object) FROM audit.refresh_order(p_other) o EXCEPT SELECT coalesce(o.sql, o.object) FROM audit.refresh_order(p_store) o)
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
