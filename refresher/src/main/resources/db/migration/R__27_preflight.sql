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
   ORDER BY 1, 2
$$;
