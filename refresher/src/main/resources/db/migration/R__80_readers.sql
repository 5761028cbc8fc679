-- For readers: SECURITY DEFINER, so that a training role needs no grant on any table of ours. Each answers one question and writes nothing.

DO $do$
BEGIN
  -- another list of columns can't replace the one that is there
  IF EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure('audit.certificate_look()') AND NOT 'extended_by' = ANY (p.proargnames)) THEN
    DROP FUNCTION audit.certificate_look();
  END IF;
END
$do$;

CREATE OR REPLACE FUNCTION audit.certificate_look()
RETURNS TABLE (entrypoint text, status text, certificate_id bigint, chain_start bigint, certified_at timestamptz, refreshed_at timestamptz,
               max_age_ms bigint, max_data_age_ms bigint, lease_ms bigint, failed_gate text, notes text, store text, warn_age_ms bigint, extended_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
  SELECT g.entrypoint, g.status, g.certificate_id, g.chain_start, g.certified_at, g.refreshed_at,
         (extract(epoch FROM coalesce(g.max_age, y.max_age)) * 1000)::bigint, (extract(epoch FROM coalesce(g.max_data_age, y.max_data_age)) * 1000)::bigint,
         (extract(epoch FROM g.lease) * 1000)::bigint, g.failed_gate, g.notes, y.store, (extract(epoch FROM y.warn_age) * 1000)::bigint,
         g.extended_by
    FROM audit.t0_cert_registry g LEFT JOIN audit.entrypoint_policy y ON y.entrypoint = g.entrypoint
$$;

CREATE OR REPLACE FUNCTION audit.guard_policy()
RETURNS TABLE (entrypoint text, store text, closure text, rule text, pattern text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
  SELECT y.entrypoint, y.store, y.closure, NULL::text, NULL::text, NULL::text FROM audit.entrypoint_policy y
  UNION ALL
  SELECT y.entrypoint, y.store, y.closure, u.rule, u.pattern, u.reason
    FROM audit.entrypoint_policy y JOIN audit.relation_rule u ON u.store = y.store AND u.rule IN ('refused', 'alias', 'safe_function')
  UNION ALL -- what tables are filled from, which the catalog does not know: the relation, and a text that names its sources
  SELECT NULL, s.store, NULL, 'filled', w, concat_ws(' ', array_to_string(s.reads, ' '), s.sql) FROM audit.sql_step s, unnest(s.writes) w
  UNION ALL -- either end of a declared edge may be a step: what it writes is meant
  SELECT NULL, e.store, NULL, 'filled', coalesce(w, e.to_relation), coalesce(array_to_string(f.writes, ' '), e.from_relation)
    FROM audit.declared_edge e LEFT JOIN audit.sql_step f ON f.store = e.store AND f.name = e.from_relation
         LEFT JOIN audit.sql_step t ON t.store = e.store AND t.name = e.to_relation LEFT JOIN LATERAL unnest(t.writes) w ON true
  UNION ALL -- entrypoints that only the runbook's own baselines name
  SELECT DISTINCT b.entrypoint, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text FROM audit.t0_viewdef_baseline b
    WHERE NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = b.entrypoint)
$$;

-- What else a person should know of a store: tolerances that are in force, an extension, the seal, a configuration that its certificate does not go by.
CREATE OR REPLACE FUNCTION audit.store_remarks() RETURNS TABLE (store text, kind text, remark text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
  SELECT y.store, 'extension', format('extended by %s until %s', g.extended_by, to_char(g.extended_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    FROM audit.entrypoint_policy y JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint WHERE g.extended_by IS NOT NULL
  UNION ALL
  SELECT t.store, 'tolerance', format('drift of the last %s only warns until %s: policy %s, %s: %s', audit.counted(t.last_days, 'day'),
                                      to_char(t.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), t.name, t.reviewer, t.reason)
    FROM audit.baseline_tolerance t WHERE t.ended_at IS NULL AND t.expires_at > clock_timestamp()
  UNION ALL
  SELECT y.store, 'configuration', format('the configuration was changed at %s, after the last certificate: the next run goes by it', to_char(y.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    FROM audit.entrypoint_policy y JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint WHERE g.policy_digest <> y.config_digest
  UNION ALL
  SELECT y.store, 'configuration', 'looser than at the last certificate: ' || l
    FROM audit.entrypoint_policy y JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint AND g.policy_digest <> y.config_digest
         JOIN audit.policy_version v ON v.store = y.store AND v.config_digest = g.policy_digest, LATERAL audit.loosened(v.config, y.config) l
  UNION ALL
  SELECT y.store, 'configuration', h.object || ' ' || h.remark FROM audit.entrypoint_policy y, LATERAL audit.changed_by_hand(y.store) h
  UNION ALL
  SELECT s.store, 'seal', format('sealed since %s', to_char(s.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) FROM audit.seal s
$$;

-- The entrypoints that a plain view stands on, through plain views alone; nearest: with none between.
CREATE OR REPLACE FUNCTION audit.entrypoints_under(p_relation oid) RETURNS TABLE (entrypoint text, store text, nearest boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE under (o, beneath) AS (
    SELECT p_relation, false
    UNION SELECT f.objid, u.beneath OR EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = audit.relation_name(u.o))
      FROM under u JOIN pg_class c ON c.oid = u.o AND c.relkind = 'v', LATERAL audit.references_of('pg_class'::regclass, u.o) f WHERE f.classid = 'pg_class'::regclass)
  SELECT y.entrypoint, y.store, bool_or(NOT u.beneath) FROM under u JOIN audit.entrypoint_policy y ON y.entrypoint = audit.relation_name(u.o) GROUP BY y.entrypoint, y.store
$$;

-- Whether a store's policy takes a view on top of its entrypoint for an alias: any, unless it lists some.
CREATE OR REPLACE FUNCTION audit.listed_alias(p_store text, p_view text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(bool_or(audit.matches(p_view, u.pattern)), true) FROM audit.relation_rule u WHERE u.store = p_store AND u.rule = 'alias'
$$;

-- The entrypoint that decides about a name: the name itself, or, for plain views on top of one entrypoint, that entrypoint. A row under the name of an
-- alias was written once by somebody and means nothing.
CREATE OR REPLACE FUNCTION audit.deciding_entrypoint(p_name text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
DECLARE
  relation oid;
  name text := p_name;
  under text[];
BEGIN
  IF EXISTS (SELECT 1 FROM audit.entrypoint_policy y WHERE y.entrypoint = p_name) THEN
    RETURN p_name;
  END IF;
  BEGIN
    relation := to_regclass(p_name);
  EXCEPTION WHEN syntax_error OR invalid_name THEN
    RETURN p_name;
  END;
  IF relation IS NULL THEN
    RETURN p_name;
  END IF;
  name := audit.relation_name(relation);
  under := ARRAY(SELECT u.entrypoint FROM audit.entrypoints_under(relation) u WHERE u.nearest);
  RETURN CASE cardinality(under) WHEN 1 THEN under[1] ELSE name END;
END
$$;

-- Why a read of an entrypoint, or of an alias, must not go on; null when it may. strict: the policy's own limits count too, and the definitions must be those certified.
CREATE OR REPLACE FUNCTION audit.why_not_certified(p_entrypoint text, p_max_age interval, p_strict boolean) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
DECLARE
  name text := audit.deciding_entrypoint(p_entrypoint);
  relation oid;
  under record;
  why text;
  g audit.t0_cert_registry;
  y audit.entrypoint_policy;
  age_limit interval;
  data_limit interval;
  moment timestamptz := clock_timestamp();
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy r WHERE r.entrypoint = p_entrypoint) THEN
    BEGIN   -- not for an entrypoint's own name: no worker of a parallel query may do this
      relation := to_regclass(p_entrypoint);
    EXCEPTION WHEN syntax_error OR invalid_name THEN
      NULL;   -- no name of a relation
    END;
  END IF;
  -- a view on top of entrypoints is as certified as all of them
  FOR under IN SELECT u.entrypoint, u.store, u.nearest FROM audit.entrypoints_under(relation) u
                WHERE NOT EXISTS (SELECT 1 FROM audit.entrypoint_policy r WHERE r.entrypoint = audit.relation_name(relation)) ORDER BY u.entrypoint LOOP
    IF NOT audit.listed_alias(under.store, audit.relation_name(relation)) THEN
      RETURN format('RG202 %s is not among the aliases that the policy of store %s lists; read %s', audit.relation_name(relation), under.store, under.entrypoint);
    END IF;
    why := CASE WHEN under.nearest THEN audit.why_not_certified(under.entrypoint, p_max_age, p_strict) END;
    IF why IS NOT NULL THEN
      RETURN why;
    END IF;
  END LOOP;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  SELECT * INTO g FROM audit.t0_cert_registry r WHERE r.entrypoint = name;
  SELECT * INTO y FROM audit.entrypoint_policy r WHERE r.entrypoint = name;
  IF g.entrypoint IS NULL THEN
    RETURN format('RG102 %s has no certificate', name);
  END IF;
  IF upper(g.status) = 'REFRESHING' THEN
    RETURN format('RG002 %s is being refreshed', name);
  ELSIF upper(g.status) IS DISTINCT FROM 'CERTIFIED' THEN
    RETURN format('RG101 %s is %s%s', name, g.status, coalesce(': gate ' || g.failed_gate, ''));
  END IF;
  IF g.certified_at IS NULL OR g.certified_at > moment + interval '5 seconds' THEN
    RETURN format('RG102 %s was certified at %s, which is no moment of the past', name, coalesce(g.certified_at::text, 'an unknown moment'));
  END IF;
  age_limit := coalesce(p_max_age, g.max_age, y.max_age);
  IF p_strict THEN
    age_limit := least(p_max_age, g.max_age, y.max_age);
    data_limit := least(g.max_data_age, y.max_data_age);
  END IF;
  IF age_limit IS NULL THEN
    RETURN format('RG102 %s has no maximum age: neither the call nor the policy names one', name);
  END IF;
  IF g.extended_until > moment THEN
    age_limit := greatest(age_limit, g.max_age);   -- a person let it stand; what a caller or a view asks for is no shorter than that
    data_limit := CASE WHEN p_strict THEN greatest(g.max_data_age, y.max_data_age) END;
  END IF;
  IF g.certified_at + age_limit <= moment THEN
    RETURN format('RG001 %s was certified %s ago, limit %s (server time %s)', name, date_trunc('second', moment - g.certified_at), age_limit,
                  to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
  END IF;
  IF data_limit IS NOT NULL AND (g.refreshed_at IS NULL OR g.refreshed_at + data_limit <= moment) THEN
    RETURN format('RG001 the data of %s are from %s, limit %s', name, coalesce(g.refreshed_at::text, 'an unknown moment'), data_limit);
  END IF;
  IF p_strict AND g.definition_digest IS NOT NULL AND y.store IS NOT NULL AND g.definition_digest IS DISTINCT FROM audit.definition_digest(y.store) THEN
    RETURN format('RG101 %s: its definitions are not those that were certified', name);
  END IF;
  RETURN NULL;
END
$$;

-- The runbook's own functions, only where the database has none of that name: what is there stays as it is, whatever its parameters.
DO $do$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'audit'::pg_catalog.regnamespace AND p.proname = 'require_certified'
                  AND pg_catalog.obj_description(p.oid, 'pg_proc') IS DISTINCT FROM 'guarded reads') THEN
    CREATE OR REPLACE FUNCTION audit.require_certified(p_entrypoint text, p_max_age interval) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      why text := audit.why_not_certified(p_entrypoint, p_max_age, false);
    BEGIN
      IF why IS NOT NULL THEN
        RAISE EXCEPTION 'Not certified: %', substr(why, 7) USING ERRCODE = left(why, 5);
      END IF;
    END
    $$;
    COMMENT ON FUNCTION audit.require_certified(text, interval) IS 'guarded reads';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'audit'::pg_catalog.regnamespace AND p.proname = 'require_certified_strict'
                  AND pg_catalog.obj_description(p.oid, 'pg_proc') IS DISTINCT FROM 'guarded reads') THEN
    CREATE OR REPLACE FUNCTION audit.require_certified_strict(p_entrypoint text, p_max_age interval) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      why text := audit.why_not_certified(p_entrypoint, p_max_age, true);
    BEGIN
      IF why IS NOT NULL THEN
        RAISE EXCEPTION 'Not certified: %', substr(why, 7) USING ERRCODE = left(why, 5);
      END IF;
    END
    $$;
    COMMENT ON FUNCTION audit.require_certified_strict(text, interval) IS 'guarded reads';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'audit'::pg_catalog.regnamespace AND p.proname = 'cert_guard'
                  AND pg_catalog.obj_description(p.oid, 'pg_proc') IS DISTINCT FROM 'guarded reads') THEN
    -- STABLE: asked once a statement, and no reason for the planner to keep a filter out of the view
    CREATE OR REPLACE FUNCTION audit.cert_guard(p_entrypoint text, p_max_age interval) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
      why text := audit.why_not_certified(p_entrypoint, p_max_age, false);
    BEGIN
      IF why IS NOT NULL THEN
        RAISE EXCEPTION 'Not certified: %', substr(why, 7) USING ERRCODE = left(why, 5);
      END IF;
      RETURN true;
    END
    $$;
    COMMENT ON FUNCTION audit.cert_guard(text, interval) IS 'guarded reads';
  END IF;
END
$do$;

GRANT USAGE ON SCHEMA audit TO PUBLIC;
