-- What stands between a reader and an uncertified row, and what does not. severity: problem | warn | note | ok. Changes nothing.

-- Who may do what to a relation, by grants; null in role: PUBLIC. Owners and superusers may anyway.
CREATE OR REPLACE FUNCTION audit.granted(p_relation oid, p_privilege text) RETURNS TABLE (role text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
   WHERE c.oid = p_relation AND a.privilege_type = p_privilege AND a.grantee <> c.relowner
     AND has_schema_privilege(CASE a.grantee WHEN 0 THEN 'public'::name ELSE pg_get_userbyid(a.grantee) END, c.relnamespace, 'USAGE')
  UNION
  SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) x
   WHERE t.attrelid = p_relation AND x.privilege_type = p_privilege AND x.grantee <> c.relowner
$$;

CREATE OR REPLACE FUNCTION audit.doctor(p_role text DEFAULT NULL) RETURNS TABLE (store text, area text, severity text, finding text, remedy text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  y record;
  root oid;
  readable oid[];
  who text := coalesce(quote_ident(p_role), 'ROLE');
  x record;
BEGIN
  IF p_role IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = p_role) THEN
    RAISE EXCEPTION 'there is no role %', p_role USING ERRCODE = '22023';
  END IF;
  FOR y IN SELECT * FROM audit.entrypoint_policy p ORDER BY p.store LOOP
    root := to_regclass(y.entrypoint);
    IF root IS NULL THEN
      RETURN QUERY SELECT y.store, 'store'::text, 'problem'::text, format('the entrypoint %s does not exist', y.entrypoint), 'refresher init STORE.yaml';
      CONTINUE;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM audit.seal s WHERE s.store = y.store) THEN
      RETURN QUERY SELECT y.store, 'seal'::text, 'note'::text, 'not sealed: a change that the refresher did not make shows only at the next certification'::text, format('refresher seal %s', y.store);
    ELSE
      RETURN QUERY SELECT y.store, 'seal'::text, 'problem'::text, g.gap, format('refresher seal %s', y.store) FROM audit.seal_gaps(y.store) g;
      IF NOT FOUND THEN
        RETURN QUERY SELECT y.store, 'seal'::text, 'ok'::text, format('sealed, %s watched', audit.counted((SELECT count(*) FROM audit.sealed_object s WHERE s.store = y.store), 'object')), NULL::text;
      END IF;
    END IF;
    readable := ARRAY(SELECT root UNION SELECT w.ev_class FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1' JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'
                       WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = root);
    RETURN QUERY
      SELECT y.store, 'bypass'::text, 'warn'::text, format('%s may read %s around the guard', g.role, c.object), format('REVOKE SELECT ON %s FROM %s', c.object, g.role)
        FROM audit.closure(y.entrypoint) c, LATERAL audit.granted(c.oid, 'SELECT') g
       WHERE c.kind IN ('v', 'm', 'r', 'p', 'f') AND c.oid <> ALL (readable) AND (p_role IS NULL OR g.role IN ('PUBLIC', quote_ident(p_role))) ORDER BY c.object, g.role;
    RETURN QUERY
      SELECT y.store, 'bypass'::text, 'note'::text, format('%s may read %s, with any client: only the driver, or audit.cert_guard in the view, guards it', g.role, audit.relation_name(r)), NULL::text
        FROM unnest(readable) r, LATERAL audit.granted(r, 'SELECT') g
       WHERE (p_role IS NULL OR g.role IN ('PUBLIC', quote_ident(p_role)))
         AND NOT EXISTS (SELECT 1 FROM pg_rewrite w, LATERAL audit.tree_calls(w.ev_action::text) k JOIN pg_proc f ON f.oid = k.function_oid
                          WHERE w.ev_class = r AND f.pronamespace = 'audit'::regnamespace)
         AND pg_get_viewdef(r) NOT LIKE '%audit.cert_guard(%' ORDER BY 4;
    -- what a role needs for guarded reading; of a role that is named, only what it lacks
    RETURN QUERY
      SELECT y.store, 'grant'::text, CASE WHEN p_role IS NULL THEN 'note' ELSE 'warn' END, CASE WHEN p_role IS NULL THEN 'guarded reading needs' ELSE who || ' lacks, for guarded reading' END, q.sql
        FROM (SELECT 1 AS o, format('GRANT CONNECT ON DATABASE %I TO %s', current_database(), who) AS sql, p_role IS NULL OR NOT has_database_privilege(p_role, current_database(), 'CONNECT') AS lacks
              UNION ALL SELECT 2, format('GRANT USAGE ON SCHEMA %I TO %s', n.nspname, who), p_role IS NULL OR NOT has_schema_privilege(p_role, n.oid, 'USAGE')
                FROM pg_namespace n WHERE n.nspname = 'audit' OR n.oid = (SELECT c.relnamespace FROM pg_class c WHERE c.oid = root)
              UNION ALL SELECT 3, format('GRANT SELECT ON %s TO %s', y.entrypoint, who),
                p_role IS NULL OR NOT EXISTS (SELECT 1 FROM unnest(readable) r WHERE has_table_privilege(p_role, r, 'SELECT'))
              UNION ALL SELECT 4, format('GRANT EXECUTE ON FUNCTION %s TO %s', f, who), p_role IS NULL OR NOT has_function_privilege(p_role, f::oid, 'EXECUTE')
                FROM unnest(ARRAY['audit.certificate_look()'::regprocedure, 'audit.guard_policy()'::regprocedure]) f) q
       WHERE q.lacks ORDER BY q.o, q.sql;
  END LOOP;
  FOR x IN SELECT * FROM (VALUES ('audit.t0_cert_registry', 'zz_guard_certificate_id'), ('audit.t0_cert_registry', 'guard_certificate_history'), ('audit.t0_cert_registry', 'guard_certificate_truncate'),
             ('audit.t0_cert_registry', 'guard_note_sealed'), ('audit.certificate_history', 'guard_append_only'), ('audit.certificate_history', 'guard_append_only_truncate')) v (relation, name)
            LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass(v.relation) AND t.tgname = v.name WHERE t.tgenabled IS DISTINCT FROM 'A' LOOP
    RETURN QUERY SELECT NULL::text, 'trigger'::text, 'problem'::text, format('trigger %s of %s is %s', x.name, x.relation, CASE WHEN x.tgname IS NULL THEN 'missing' ELSE 'not ENABLE ALWAYS' END),
      CASE WHEN x.tgname IS NULL THEN 'refresher init' ELSE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %s', x.relation, x.name) END;
  END LOOP;
  RETURN QUERY
    SELECT NULL::text, 'registry'::text, 'problem'::text, format('%s may write certificates', string_agg(DISTINCT g.role, ', ')), format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit.t0_cert_registry FROM %s', string_agg(DISTINCT g.role, ', '))
      FROM unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) p, LATERAL audit.granted('audit.t0_cert_registry'::regclass, p) g HAVING count(*) > 0;
  RETURN QUERY
    SELECT NULL::text, 'bypass'::text, 'note'::text, format('superusers that may log in pass every guard and every seal: %s', string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)), NULL::text
      FROM pg_roles r WHERE r.rolsuper AND r.rolcanlogin HAVING count(*) > 0;
  RETURN QUERY
    SELECT NULL::text, 'bypass'::text, 'warn'::text, format('%s may read all data around the guard (pg_read_all_data)', string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)), NULL::text
      FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> 'pg_read_all_data' AND pg_has_role(r.oid, 'pg_read_all_data', 'USAGE') AND r.rolname NOT LIKE 'pg\_%' HAVING count(*) > 0;
END
$$;

REVOKE ALL ON FUNCTION audit.doctor(text), audit.granted(oid, text) FROM PUBLIC;
