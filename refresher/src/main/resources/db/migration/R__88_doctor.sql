-- What stands between a reader and an uncertified row, and what does not. severity: problem | warn | note | ok. Changes nothing.

-- Who has a privilege by an access list, how, and what ends it. Without a role: whoever was granted it, PUBLIC too, where anybody can use that grant. Of a
-- role: also what it has as a member of others, owners among them. Superusers may anyway.
CREATE OR REPLACE FUNCTION audit.granted_by(p_acl aclitem[], p_owner oid, p_schema oid, p_privilege text, p_what text, p_role text) RETURNS TABLE (role text, how text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH named AS (SELECT DISTINCT a.grantee AS id, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS name
                   FROM aclexplode(p_acl) a WHERE a.privilege_type = p_privilege AND a.grantee <> p_owner),
    user_of AS (SELECT u.oid, u.rolname FROM pg_roles u WHERE NOT u.rolsuper AND u.rolname = coalesce(p_role, u.rolname))
  SELECT n.name, ''::text, format('REVOKE %s ON %s FROM %s', p_privilege, p_what, n.name) FROM named n
   WHERE p_role IS NULL
     AND EXISTS (SELECT 1 FROM user_of u WHERE (n.id = 0 OR pg_has_role(u.oid, n.id, 'MEMBER'))
                                          AND (has_schema_privilege(u.oid, p_schema, 'USAGE') OR n.id <> 0 AND has_schema_privilege(n.id, p_schema, 'USAGE')))
  UNION ALL
  SELECT quote_ident(u.rolname), CASE WHEN n.id = u.oid THEN '' WHEN n.id = 0 THEN ', as PUBLIC may' ELSE ', as a member of ' || n.name END,
         format('REVOKE %s ON %s FROM %s', p_privilege, p_what, n.name)
    FROM named n, user_of u
   WHERE p_role IS NOT NULL AND (n.id = 0 OR pg_has_role(u.oid, n.id, 'MEMBER'))
     AND (has_schema_privilege(u.oid, p_schema, 'USAGE') OR n.id <> 0 AND has_schema_privilege(n.id, p_schema, 'USAGE'))
  UNION ALL
  SELECT quote_ident(u.rolname), ', as a member of its owner ' || quote_ident(pg_get_userbyid(p_owner)),
         (SELECT format('REVOKE %s FROM %s', string_agg(quote_ident(pg_get_userbyid(m.roleid)), ', ' ORDER BY 1), quote_ident(u.rolname))
            FROM pg_auth_members m WHERE m.member = u.oid AND pg_has_role(m.roleid, p_owner, 'MEMBER'))
    FROM user_of u WHERE p_role IS NOT NULL AND u.oid <> p_owner AND pg_has_role(u.oid, p_owner, 'MEMBER')
$$;

-- Who may do what to a relation, or to columns of it.
CREATE OR REPLACE FUNCTION audit.granted(p_relation oid, p_privilege text, p_role text) RETURNS TABLE (role text, how text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT g.role, g.how, g.remedy
    FROM pg_class c, LATERAL audit.granted_by(c.relacl || (SELECT array_agg(x) FROM pg_attribute t, unnest(t.attacl) x WHERE t.attrelid = c.oid), c.relowner, c.relnamespace,
                                              p_privilege, audit.relation_name(c.oid), p_role) g
   WHERE c.oid = p_relation
$$;

-- What a store's readers are meant to read: the entrypoint and its aliases.
CREATE OR REPLACE FUNCTION audit.meant_for_readers(p_store text) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE above (o, root) AS (
    SELECT to_regclass(y.entrypoint)::oid, true FROM audit.entrypoint_policy y WHERE y.store = p_store
    UNION SELECT w.ev_class, false FROM above a JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.o AND d.classid = 'pg_rewrite'::regclass
                                  JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1' AND w.ev_class <> a.o JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'
     WHERE NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = audit.relation_name(w.ev_class)))
  SELECT a.o FROM above a WHERE a.root OR audit.listed_alias(p_store, audit.relation_name(a.o))
$$;

-- Views and materialized views that hand out what lies in a store's closure, by the rights of their owners or as a copy, and are no part of it nor meant for
-- its readers; through: what of the closure they read.
CREATE OR REPLACE FUNCTION audit.leads_past(p_store text) RETURNS TABLE (oid oid, kind text, through text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE inside AS MATERIALIZED (SELECT c.oid, c.object FROM audit.entrypoint_policy y, LATERAL audit.closure(y.entrypoint) c
                                          WHERE y.store = p_store AND c.kind IN ('v', 'm', 'r', 'p', 'f')),
    meant AS MATERIALIZED (SELECT m FROM audit.meant_for_readers(p_store) m),
    above (o, through) AS (
      SELECT i.oid, i.object FROM inside i
      UNION SELECT w.ev_class, a.through
        FROM above a JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.o AND d.classid = 'pg_rewrite'::regclass
             JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1' AND w.ev_class <> a.o JOIN pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
       WHERE w.ev_class NOT IN (SELECT i.oid FROM inside i) AND w.ev_class NOT IN (SELECT m FROM meant)
         AND NOT EXISTS (SELECT 1 FROM pg_options_to_table(v.reloptions) o WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)
         AND NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = audit.relation_name(w.ev_class)))
  SELECT a.o, v.relkind::text, string_agg(a.through, ', ' ORDER BY a.through) FROM above a JOIN pg_class v ON v.oid = a.o
   WHERE a.o NOT IN (SELECT i.oid FROM inside i) GROUP BY a.o, v.relkind
$$;

-- Functions that give back what they read of a store by their owners' rights; through: what of it they come to first. Those that give nothing back (a refresh,
-- a trigger) hand out nothing. What audit's own functions read is no store.
CREATE OR REPLACE FUNCTION audit.definers_past(p_store text) RETURNS TABLE (oid oid, through text, live boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE closure AS MATERIALIZED (SELECT c.oid, c.object, c.kind, c.live FROM audit.entrypoint_policy y, LATERAL audit.closure(y.entrypoint) c WHERE y.store = p_store),
    inside AS MATERIALIZED (SELECT i.oid, i.object FROM closure i JOIN pg_class r ON r.oid = i.oid WHERE i.kind <> 'function' AND r.relnamespace <> 'audit'::regnamespace),
    reached (f, c, o) AS (
      SELECT p.oid, 'pg_proc'::regclass::oid, p.oid FROM pg_proc p
       WHERE p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace
         AND CASE p.prokind WHEN 'p' THEN p.proargmodes && '{o,b}'::"char"[] ELSE p.prorettype NOT IN ('void'::regtype, 'trigger'::regtype, 'event_trigger'::regtype) END
      UNION SELECT r.f, x.classid, x.objid FROM reached r, LATERAL audit.references_of(r.c, r.o) x
       WHERE NOT (r.c = 'pg_class'::regclass AND r.o IN (SELECT i.oid FROM inside i)))
  SELECT r.f, string_agg(i.object, ', ' ORDER BY i.object), EXISTS (SELECT 1 FROM closure k WHERE k.oid = r.f AND k.kind = 'function' AND k.live)
    FROM reached r JOIN inside i ON i.oid = r.o JOIN pg_proc p ON p.oid = r.f
   WHERE r.c = 'pg_class'::regclass AND has_any_column_privilege(p.proowner, i.oid, 'SELECT') GROUP BY r.f
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
    readable := ARRAY(SELECT m FROM audit.meant_for_readers(y.store) m);
    RETURN QUERY
      SELECT y.store, 'bypass'::text, 'warn'::text, format('%s may read %s around the guard%s', g.role, c.object, g.how), g.remedy
        FROM audit.closure(y.entrypoint) c, LATERAL audit.granted(c.oid, 'SELECT', p_role) g
       WHERE c.kind IN ('v', 'm', 'r', 'p', 'f') AND c.oid <> ALL (readable) ORDER BY c.object, g.role, g.remedy;
    RETURN QUERY
      SELECT y.store, 'bypass'::text, 'warn'::text,
             format(CASE l.kind WHEN 'm' THEN '%s may read %s, a copy of rows of %s, around the guard%s' ELSE '%s may read %s, which reads %s by its owner''s rights, around the guard%s' END,
                    g.role, audit.relation_name(l.oid), l.through, g.how), g.remedy
        FROM audit.leads_past(y.store) l, LATERAL audit.granted(l.oid, 'SELECT', p_role) g ORDER BY audit.relation_name(l.oid), g.role, g.remedy;
    RETURN QUERY   -- a view calls its functions by the rights of its reader
      SELECT y.store, 'bypass'::text, 'warn'::text,
             format(CASE WHEN d.live THEN '%s may call %s, which reads %s by its owner''s rights, around the guard%s; the store''s views need that: put its query into them'
                         ELSE '%s may call %s, which reads %s by its owner''s rights, around the guard%s' END, g.role, d.oid::regprocedure, d.through, g.how), CASE WHEN NOT d.live THEN g.remedy END
        FROM audit.definers_past(y.store) d JOIN pg_proc p ON p.oid = d.oid,
             LATERAL audit.granted_by(coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner, p.pronamespace, 'EXECUTE',
                                      CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || d.oid::regprocedure, p_role) g
       ORDER BY d.oid::regprocedure::text, g.role, g.remedy;
    RETURN QUERY
      SELECT DISTINCT y.store, 'bypass'::text, 'note'::text, format('%s may read %s, with any client: only the driver, or audit.cert_guard in the view, guards it', g.role, audit.relation_name(r)), NULL::text
        FROM unnest(readable) r, LATERAL audit.granted(r, 'SELECT', p_role) g
       WHERE NOT EXISTS (SELECT 1 FROM pg_rewrite w, LATERAL audit.tree_calls(w.ev_action::text) k JOIN pg_proc f ON f.oid = k.function_oid
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
      FROM unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) p, LATERAL audit.granted('audit.t0_cert_registry'::regclass, p, NULL) g HAVING count(*) > 0;
  RETURN QUERY
    SELECT NULL::text, 'bypass'::text, 'note'::text, format('superusers that may log in pass every guard and every seal: %s', string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)), NULL::text
      FROM pg_roles r WHERE r.rolsuper AND r.rolcanlogin HAVING count(*) > 0;
  RETURN QUERY
    SELECT NULL::text, 'bypass'::text, 'warn'::text, format('%s may read all data around the guard (pg_read_all_data)', string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)),
           format('REVOKE pg_read_all_data FROM %s', (SELECT string_agg(quote_ident(pg_get_userbyid(m.member)), ', ' ORDER BY 1) FROM pg_auth_members m
                                                       WHERE m.roleid = 'pg_read_all_data'::regrole AND (p_role IS NULL OR pg_has_role(p_role, m.member, 'MEMBER'))))
      FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> 'pg_read_all_data' AND pg_has_role(r.oid, 'pg_read_all_data', 'MEMBER') AND r.rolname NOT LIKE 'pg\_%'
        AND r.rolname = coalesce(p_role, r.rolname) HAVING count(*) > 0;
END
$$;

REVOKE ALL ON FUNCTION audit.doctor(text), audit.granted(oid, text, text), audit.granted_by(aclitem[], oid, oid, text, text, text), audit.meant_for_readers(text), audit.leads_past(text),
  audit.definers_past(text) FROM PUBLIC;
