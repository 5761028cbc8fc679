-- What an entrypoint reaches: views, materialized views, tables, and the functions between them.

-- Relations, functions and domains that a text names. A body kept as text has no dependencies in the catalog, so it is read token by token; strings are read as code
-- where it runs dynamic SQL. Unqualified names are looked up along p_path, or, where that is null, in every schema of users: the caller's path decides there,
-- so any of them may be meant.
CREATE OR REPLACE FUNCTION audit.text_references(p_body text, p_path text[]) RETURNS TABLE (classid oid, objid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  path text[] := p_path;
  kinds text[];
  words text[];
  count int;
  i int := 1;
  first int;
  before text;
  chain text[];
  called boolean;
  in_from boolean := false;
  from_stack boolean[] := '{}';
  depth int := 0;
  relations boolean;
  declaring boolean := false;
BEGIN
  SELECT w.kinds, w.words INTO kinds, words FROM audit.words_of(p_body) w;
  count := coalesce(array_length(words, 1), 0);
  i := 1;
  WHILE i <= count LOOP
    IF kinds[i] = 'symbol' THEN
      IF words[i] = '(' THEN
        depth := depth + 1;
        from_stack[depth] := in_from;
        -- FROM (a JOIN b) lists relations, FROM f (a, b) and FROM x (a, b) do not
        in_from := in_from AND i > 1 AND (words[i - 1] IN ('(', ',') OR kinds[i - 1] = 'word' AND words[i - 1] IN ('from', 'join'));
      ELSIF words[i] = ')' AND depth > 0 THEN
        in_from := from_stack[depth];
        depth := depth - 1;
      ELSIF words[i] = ';' THEN
        in_from := false;
      END IF;
    ELSIF kinds[i] IN ('word', 'quoted') THEN
      first := i;
      before := CASE WHEN i > 1 THEN CASE WHEN kinds[i - 1] IN ('word', 'symbol') THEN words[i - 1] END END;
      chain := ARRAY[words[i]];
      WHILE i + 2 <= count AND kinds[i + 1] = 'symbol' AND words[i + 1] = '.' AND kinds[i + 2] IN ('word', 'quoted') LOOP
        chain := chain || words[i + 2];
        i := i + 2;
      END LOOP;
      called := i < count AND kinds[i + 1] = 'symbol' AND words[i + 1] = '(';
      IF kinds[first] = 'word' AND words[first] IN ('declare', 'begin') THEN
        declaring := words[first] = 'declare';
      ELSIF declaring OR before IN ('::', 'as') OR kinds[i + 1] = 'string' THEN
        RETURN QUERY SELECT DISTINCT 'pg_type'::regclass::oid, y.oid
          FROM unnest(audit.types_at(kinds, words, first)) t JOIN pg_type z ON z.oid = t JOIN pg_namespace n ON n.oid = z.typnamespace, unnest(audit.parts_of(t)) u JOIN pg_type y ON y.oid = u AND y.typtype = 'd'
         WHERE (array_length(chain, 1) >= 2 OR path IS NULL OR n.nspname = ANY (path)) AND (before IS DISTINCT FROM 'as' OR words[audit.enclosing(kinds, words, first) - 1] = 'cast');
      END IF;
      IF array_length(chain, 1) >= 2 THEN
        -- schema.name, and schema.name of schema.name.column
        RETURN QUERY SELECT 'pg_class'::regclass::oid, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relname = chain[2] AND n.nspname = chain[1] AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
        IF called THEN
          RETURN QUERY SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.proname = chain[2] AND n.nspname = chain[1] AND n.nspname <> 'pg_catalog';
        END IF;
      ELSIF called THEN
        RETURN QUERY SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE p.proname = chain[1] AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND (path IS NULL OR n.nspname = ANY (path))
            AND NOT EXISTS (SELECT 1 FROM pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname = chain[1] AND path IS NULL);
      ELSE
        relations := before IN ('from', 'join', 'only', 'table', 'using', 'into', 'update') OR (before IN (',', '(') AND in_from);
        IF relations AND NOT (kinds[first] = 'word' AND chain[1] IN ('select', 'lateral', 'only', 'values', 'unnest')) THEN
          RETURN QUERY SELECT 'pg_class'::regclass::oid, c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = chain[1] AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
              AND (path IS NULL OR n.nspname = ANY (path));
        END IF;
      END IF;
      IF kinds[first] = 'word' AND first = i THEN
        IF words[i] IN ('from', 'join') THEN
          in_from := true;
        ELSIF words[i] IN ('where', 'group', 'order', 'having', 'limit', 'window', 'union', 'intersect', 'except', 'select', 'set', 'returning') THEN
          in_from := false;
        END IF;
      END IF;
    END IF;
    i := i + 1;
  END LOOP;
END
$$;

-- The same of a function whose body is text, along the search_path that it pins.
CREATE OR REPLACE FUNCTION audit.body_references(p_function oid) RETURNS TABLE (classid oid, objid oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.classid, r.objid
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang,
         LATERAL audit.text_references(p.prosrc,
           (SELECT array_agg(btrim(x, ' "')) FROM pg_options_to_table(p.proconfig) o, string_to_table(o.option_value, ',') x WHERE o.option_name = 'search_path')) r
   WHERE p.oid = p_function AND l.lanname IN ('sql', 'plpgsql') AND p.prosqlbody IS NULL
$$;

-- SQL steps that fill a table. DEFINER: whoever may see the catalog may see a closure.
CREATE OR REPLACE FUNCTION audit.steps_on(p_table oid) RETURNS TABLE (store text, name text, reads text[], sql text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.store, s.name, s.reads, s.sql FROM audit.sql_step s WHERE EXISTS (SELECT 1 FROM unnest(s.writes) w WHERE to_regclass(w) = p_table)
$$;

-- What a step reads: what it declares, and what its text names (all of it qualified: steps run under search_path = pg_catalog).
CREATE OR REPLACE FUNCTION audit.step_references(p_reads text[], p_sql text) RETURNS TABLE (classid oid, objid oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'pg_class'::regclass::oid, to_regclass(x)::oid FROM unnest(p_reads) x WHERE to_regclass(x) IS NOT NULL
  UNION SELECT t.classid, t.objid FROM audit.text_references(p_sql, '{pg_catalog}') t
$$;

-- What one object reads or calls when it is read or called itself; with p_steps also what the steps read that fill it.
CREATE OR REPLACE FUNCTION audit.references_of(p_classid oid, p_objid oid, p_steps boolean DEFAULT false) RETURNS TABLE (classid oid, objid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_classid = 'pg_class'::regclass THEN
    RETURN QUERY
      SELECT DISTINCT d.refclassid, d.refobjid
        FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
       WHERE w.ev_class = p_objid AND w.ev_type = '1'
         AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
         AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = p_objid)
      UNION
      SELECT 'pg_class'::regclass::oid, h.inhrelid FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent AND c.relkind IN ('r', 'p', 'f')
       WHERE h.inhparent = p_objid
      UNION   -- row security
      SELECT d.refclassid, d.refobjid
        FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid AND c.relrowsecurity
             JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = y.oid
       WHERE y.polrelid = p_objid AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass) AND d.refobjid <> p_objid;
    IF p_steps THEN
      RETURN QUERY SELECT DISTINCT r.classid, r.objid FROM audit.steps_on(p_objid) s, LATERAL audit.step_references(s.reads, s.sql) r WHERE r.objid <> p_objid;
    END IF;
  ELSIF p_classid = 'pg_proc'::regclass THEN
    RETURN QUERY
      SELECT DISTINCT d.refclassid, d.refobjid FROM pg_depend d
       WHERE d.classid = 'pg_proc'::regclass AND d.objid = p_objid
         AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
      UNION
      SELECT b.classid, b.objid FROM audit.body_references(p_objid) b WHERE NOT (b.classid = p_classid AND b.objid = p_objid);
  ELSIF p_classid = 'pg_operator'::regclass THEN
    RETURN QUERY SELECT 'pg_proc'::regclass::oid, o.oprcode::oid FROM pg_operator o WHERE o.oid = p_objid AND o.oprcode::oid >= 16384;
  ELSIF p_classid = 'pg_type'::regclass THEN
    RETURN QUERY   -- a domain runs the functions of its CHECKs
      SELECT d.refclassid, d.refobjid FROM pg_constraint k JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
       WHERE k.contypid = p_objid AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.object_name(p_classid oid, p_objid oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE p_classid WHEN 'pg_class'::regclass THEN audit.relation_name(p_objid)
                        WHEN 'pg_proc'::regclass THEN p_objid::regprocedure::text
                        WHEN 'pg_operator'::regclass THEN 'operator ' || p_objid::regoperator::text
                        ELSE 'type ' || p_objid::regtype::text END
$$;

-- Breadth first, a level at a time, so that every path is a shortest one. First what is computed at every read (live), then what lies behind
-- materialized views.
CREATE OR REPLACE FUNCTION audit.closure(p_entrypoint text)
RETURNS TABLE (object text, kind text, oid oid, depth int, path text[], live boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root oid := to_regclass(p_entrypoint);
  classes oid[] := ARRAY['pg_class'::regclass::oid];
  objects oid[] := ARRAY[root];
  names text[];
  kinds text[];
  depths int[] := ARRAY[0];
  parents int[] := ARRAY[0];
  lives boolean[];
  frontier int[] := ARRAY[1];     -- places in these arrays
  behind int[] := '{}';           -- materialized views and tables that a step fills, expanded after everything that is live
  live_now boolean := true;
  n int := 1;
  r record;
  place int;
BEGIN
  IF root IS NULL THEN
    RETURN;
  END IF;
  names := ARRAY[audit.relation_name(root)];
  kinds := ARRAY(SELECT c.relkind::text FROM pg_class c WHERE c.oid = root);
  lives := ARRAY[kinds[1] <> 'm'];
  live_now := lives[1];
  LOOP
    IF frontier = '{}' THEN
      EXIT WHEN behind = '{}';
      frontier := behind;
      behind := '{}';
      live_now := false;
    END IF;
    SELECT coalesce(array_agg(x.classid ORDER BY x.o), '{}') AS classes, coalesce(array_agg(x.objid ORDER BY x.o), '{}') AS objects, coalesce(array_agg(x.name ORDER BY x.o), '{}') AS names,
           coalesce(array_agg(x.kind ORDER BY x.o), '{}') AS kinds, coalesce(array_agg(x.parent ORDER BY x.o), '{}') AS parents, count(*)::int AS count
      INTO r
      FROM (SELECT y.*, row_number() OVER (ORDER BY y.parent, y.name) AS o
              FROM (SELECT f.classid, f.objid, min(q) AS parent, audit.object_name(f.classid, f.objid) AS name,
                           CASE f.classid WHEN 'pg_class'::regclass THEN (SELECT c.relkind::text FROM pg_class c WHERE c.oid = f.objid)
                                          WHEN 'pg_proc'::regclass THEN 'function' ELSE 'other' END AS kind
                      FROM unnest(frontier) q, LATERAL audit.references_of(classes[q], objects[q], NOT live_now) f
                     GROUP BY f.classid, f.objid) y
             WHERE NOT EXISTS (SELECT 1 FROM unnest(classes, objects) s (c, o) WHERE s.c = y.classid AND s.o = y.objid)) x;
    frontier := '{}';
    FOR i IN 1 .. r.count LOOP
      place := n + i;
      depths[place] := depths[r.parents[i]] + 1;
      lives[place] := live_now AND r.kinds[i] <> 'm';
      IF live_now AND r.kinds[i] = 'm' THEN
        behind := behind || place;
      ELSE
        frontier := frontier || place;
        IF live_now AND r.kinds[i] IN ('r', 'p') AND EXISTS (SELECT 1 FROM audit.steps_on(r.objects[i])) THEN
          behind := behind || place;   -- read live, filled by a step
        END IF;
      END IF;
    END LOOP;
    classes := classes || r.classes;
    objects := objects || r.objects;
    names := names || r.names;
    kinds := kinds || r.kinds;
    parents := parents || r.parents;
    n := n + r.count;
  END LOOP;
  FOR i IN 1 .. n LOOP
    CONTINUE WHEN kinds[i] NOT IN ('v', 'm', 'r', 'p', 'f', 'function');
    path := '{}';
    place := i;
    WHILE place > 0 LOOP
      path := names[place] || path;
      place := parents[place];
    END LOOP;
    object := names[i]; kind := kinds[i]; oid := objects[i]; depth := depths[i]; live := lives[i];
    RETURN NEXT;
  END LOOP;
END
$$;

-- The materialized views of a closure, each with those that it reaches itself. Every object is looked at once, however many views share it.
CREATE OR REPLACE FUNCTION audit.reached_matviews(p_entrypoint text) RETURNS TABLE (matview text, reaches text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off   -- estimates of recursion are wild, its cost is not
AS $$
  WITH RECURSIVE
    node (c, o) AS (SELECT 'pg_class'::regclass::oid, to_regclass(p_entrypoint)::oid
                    UNION SELECT f.classid, f.objid FROM node n, LATERAL audit.references_of(n.c, n.o, true) f),
    edge AS MATERIALIZED (SELECT n.c, n.o, f.classid, f.objid FROM node n, LATERAL audit.references_of(n.c, n.o, true) f),
    mv AS MATERIALIZED (SELECT n.o FROM node n JOIN pg_class r ON r.oid = n.o AND r.relkind = 'm' WHERE n.c = 'pg_class'::regclass),
    -- from view to view it need not look behind the next one: what that reaches, its own rows say
    reach (start, c, o) AS (SELECT m.o, 'pg_class'::regclass::oid, m.o FROM mv m
                            UNION SELECT x.start, e.classid, e.objid FROM reach x JOIN edge e ON e.c = x.c AND e.o = x.o
                             WHERE x.o = x.start OR NOT (x.c = 'pg_class'::regclass AND x.o IN (SELECT m.o FROM mv m))),
    direct AS MATERIALIZED (SELECT x.start, x.o FROM reach x JOIN mv m ON m.o = x.o AND x.c = 'pg_class'::regclass WHERE x.o <> x.start),
    full_reach (start, o) AS (SELECT d.start, d.o FROM direct d UNION SELECT f.start, d.o FROM full_reach f JOIN direct d ON d.start = f.o)
  SELECT audit.relation_name(m.o), audit.relation_name(f.o) FROM mv m LEFT JOIN full_reach f ON f.start = m.o
$$;
