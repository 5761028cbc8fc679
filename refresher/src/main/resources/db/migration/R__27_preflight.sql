-- Tables that the entrypoint reads at every read, and that no step of the store fills; a partition is told by its parent.
CREATE OR REPLACE FUNCTION audit.live_tables(p_store text) RETURNS TABLE (object text, kind text, oid oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH live AS MATERIALIZED (SELECT c.* FROM audit.closure(audit.entrypoint_of_store(p_store)) c WHERE c.live AND c.kind IN ('r', 'p', 'f'))
  SELECT c.object, c.kind, c.oid FROM live c
   WHERE NOT EXISTS (SELECT 1 FROM audit.steps_on(c.oid) t WHERE t.store = p_store)
     AND NOT EXISTS (SELECT 1 FROM pg_inherits h JOIN live l ON l.oid = h.inhparent AND l.kind = 'p' WHERE h.inhrelid = c.oid)
$$;

-- What a run of a store would stumble over, beside what ends it before it begins.
CREATE OR REPLACE FUNCTION audit.preflight(p_store text) RETURNS TABLE (object text, remark text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH guard AS (
    SELECT p.oid, p.oid::regprocedure::text AS name, p.provolatile FROM pg_proc p
     WHERE p.pronamespace = 'audit'::regnamespace AND p.proname IN ('cert_guard', 'require_certified', 'require_certified_strict'))
  SELECT g.name, format('is called below the entrypoint (%s): while a store is closed it refuses this run''s own refresh and gates. Call it in a view on top of the entrypoint',
                        array_to_string(c.path, ' → '))
    FROM audit.closure(audit.entrypoint_of_store(p_store)) c JOIN guard g ON c.kind = 'function' AND c.oid = g.oid
  UNION ALL
  SELECT g.name, format('is VOLATILE: a view that calls it asks for every row, and of a newer snapshot than the rows are of. ALTER FUNCTION %s STABLE', g.name)
    FROM guard g
   WHERE g.provolatile = 'v' AND EXISTS (SELECT 1 FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = g.oid AND d.classid = 'pg_rewrite'::regclass)
  UNION ALL
  SELECT t.object, CASE WHEN t.kind = 'f' THEN 'is read live and lies elsewhere: certified rows change with it, and nothing here notices'
                        WHEN EXISTS (SELECT 1 FROM audit.sealed_object s WHERE s.store = p_store AND s.classid = 'pg_class'::regclass AND s.objid = t.oid AND s.live_table)
                        THEN 'is read live and sealed: a write to it takes the certificate away'
                        ELSE format('is read live: a write to it changes certified rows without a refresh. To have it noticed: refresher seal %s', p_store) END
    FROM audit.live_tables(p_store) t
   ORDER BY 1, 2
$$;
