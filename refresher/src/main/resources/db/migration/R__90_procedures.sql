-- The runbook's calls: CALL audit.refresh_and_certify_<suffix>(true), CALL audit.run_t0_cert_<suffix>(). Each store's two procedures are two lines around
-- this one.

-- Whether the running CALL may COMMIT: no transaction block around it, and nothing but procedures and DO between. PostgreSQL has no question for the former,
-- and trying COMMIT can't be undone; but a CALL that may commit keeps its memory in its portal, any other in the transaction. Where the owner of this function
-- may not see that, the clock answers: a statement as old as its transaction began it (a driver's Parse, Bind, Execute are never quite: then no COMMIT).
CREATE OR REPLACE FUNCTION audit.call_may_commit(p_context text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM string_to_table(p_context, E'\n') l
              WHERE l ~ '^(PL/pgSQL|SQL) function '
                AND l !~ '^PL/pgSQL function (audit\.)?"?(refresh_and_certify|run_t0_cert_)' AND l !~ '^PL/pgSQL function inline_code_block ') THEN
    RETURN false;
  END IF;
  BEGIN
    RETURN EXISTS (SELECT 1 FROM pg_get_backend_memory_contexts() s JOIN pg_get_backend_memory_contexts() p
                     ON s.name = 'SPI Proc' AND p.name = 'PortalContext' AND s.level = p.level + 1);
  EXCEPTION WHEN insufficient_privilege THEN
    RETURN transaction_timestamp() = statement_timestamp();
  END;
END
$$;

-- What a session that refreshes and hashes must have set, for this transaction.
CREATE OR REPLACE FUNCTION audit.pin_session(p_time_zone text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('TimeZone', p_time_zone, true),
          pg_catalog.set_config('DateStyle', 'ISO, MDY', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
          pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true),
          pg_catalog.set_config('xmloption', 'content', true), pg_catalog.set_config('row_security', 'off', true),
          pg_catalog.set_config('standard_conforming_strings', 'on', true), pg_catalog.set_config('quote_all_identifiers', 'off', true),
          pg_catalog.set_config('synchronous_commit', 'on', true);
END
$$;

-- Those that are put back before the transaction ends; its commit is to be on disk whatever the session wants.
CREATE OR REPLACE FUNCTION audit.session_settings() RETURNS jsonb
LANGUAGE sql STABLE
AS $$
  SELECT pg_catalog.jsonb_object_agg(n, pg_catalog.current_setting(n))
  FROM pg_catalog.unnest('{search_path,TimeZone,DateStyle,IntervalStyle,extra_float_digits,bytea_output,xmloption,row_security,standard_conforming_strings,quote_all_identifiers}'::pg_catalog.text[]) n
$$;

-- Gates of one kind for one store: findings into p_findings, the first blocking gate into p_failed.
CREATE OR REPLACE FUNCTION audit.check_gates(p_store text, p_kind text, INOUT p_findings jsonb, INOUT p_failed text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  g record;
  f record;
  began timestamptz;
  blocked int;
  warned int;
  rows jsonb;
BEGIN
  FOR g IN SELECT x.gate FROM audit.gates(p_store) x WHERE x.kind = p_kind LOOP
    began := clock_timestamp();
    blocked := 0;
    warned := 0;
    rows := '[]';
    FOR f IN SELECT * FROM audit.run_gate(p_store, g.gate) LOOP
      rows := rows || to_jsonb(f);
      IF f.severity = 'block' THEN
        blocked := blocked + 1;
      ELSE
        warned := warned + 1;
      END IF;
    END LOOP;
    p_findings := p_findings || jsonb_build_object('store', p_store, 'gate', g.gate, 'began', began, 'ended', clock_timestamp(), 'blocked', blocked, 'warned', warned, 'findings', rows);
    IF blocked > 0 THEN
      p_failed := coalesce(p_failed, g.gate);
      RAISE NOTICE '% %: %, e.g. %', p_store, g.gate, audit.counted(blocked, 'finding'), (SELECT x ->> 'message' FROM jsonb_array_elements(rows) x WHERE x ->> 'severity' = 'block' LIMIT 1);
    END IF;
  END LOOP;
END
$$;

-- Writes down what a run did, in the order in which it happened.
CREATE OR REPLACE FUNCTION audit.record_steps(p_run_id bigint, p_steps jsonb, p_rolled_back boolean, p_findings jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO audit.run_step (run_id, step, kind, object, started_at, finished_at, outcome, rows, detail)
  SELECT p_run_id, row_number() OVER (ORDER BY x.began), x.kind, x.object, x.began, x.ended, x.outcome, x.rows, x.detail
    FROM (SELECT s ->> 'kind' AS kind, s ->> 'object' AS object, (s ->> 'began')::timestamptz AS began, (s ->> 'ended')::timestamptz AS ended,
                 CASE WHEN p_rolled_back THEN 'rolled back' ELSE 'done' END AS outcome, (s ->> 'rows')::bigint AS rows, NULL AS detail
            FROM jsonb_array_elements(p_steps) s
          UNION ALL
          SELECT 'gate', g ->> 'gate', (g ->> 'began')::timestamptz, (g ->> 'ended')::timestamptz,
                 CASE WHEN (g ->> 'blocked')::int > 0 THEN 'failed' WHEN (g ->> 'warned')::int > 0 THEN 'warned' ELSE 'passed' END,
                 (g ->> 'blocked')::int + (g ->> 'warned')::int, g ->> 'store'
            FROM jsonb_array_elements(p_findings) g) x;
  INSERT INTO audit.finding (run_id, store, gate, severity, object, path, expected, found, examples, message, next_command)
  SELECT p_run_id, g ->> 'store', g ->> 'gate', f ->> 'severity', f ->> 'object',
         CASE WHEN jsonb_typeof(f -> 'path') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(f -> 'path')) END, f ->> 'expected', f ->> 'found',
         nullif(f -> 'examples', 'null'), f ->> 'message', f ->> 'next_command'
    FROM jsonb_array_elements(p_findings) g, jsonb_array_elements(g -> 'findings') f;
$$;

-- Refreshes a store in the order of its dependencies. Raises where a view can't be refreshed CONCURRENTLY: then there is no atomic way.
CREATE OR REPLACE FUNCTION audit.refresh_store(p_store text, INOUT p_steps jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  o record;
  began timestamptz;
  n bigint;
BEGIN
  FOR o IN SELECT x.object, x.kind, x.concurrently_possible, x.reason, x.sql FROM audit.refresh_order(p_store) x ORDER BY x.step LOOP
    began := pg_catalog.clock_timestamp();
    IF NOT o.concurrently_possible THEN
      RAISE EXCEPTION '%', pg_catalog.format(CASE o.kind WHEN 'matview' THEN '%s can''t be refreshed CONCURRENTLY: %s' ELSE 'step %s can''t be part of an atomic run: %s' END,
                                             o.object, o.reason)
        USING ERRCODE = '55000', HINT = 'Run: refresher run ' || p_store || ' --mode staged';
    END IF;
    IF o.kind = 'matview' THEN
      EXECUTE 'REFRESH MATERIALIZED VIEW CONCURRENTLY ' || o.object;
      n := NULL;
    ELSE
      EXECUTE o.sql;
      GET DIAGNOSTICS n = ROW_COUNT;
    END IF;
    p_steps := p_steps || pg_catalog.jsonb_build_object('kind', CASE o.kind WHEN 'matview' THEN 'refresh' ELSE 'sql' END, 'object', o.object, 'began', began,
                                                        'ended', pg_catalog.clock_timestamp(), 'rows', n);
  END LOOP;
END
$$;

-- Lets leases run out that readers may still be on although these entrypoints were closed when a run found them: a quarter longer than the longest, and a
-- bit. In full, a tenth of a second at a time: pg_sleep goes by a clock that can be set.
CREATE OR REPLACE FUNCTION audit.await_leases(p_entrypoints text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  longest interval := (SELECT max(audit.longest_lease(e)) FROM unnest(p_entrypoints) e);
BEGIN
  IF longest > interval '0' THEN
    RAISE NOTICE 'waiting for leases on what was closed: %', longest * 1.25 + interval '100 ms';
    FOR i IN 1 .. ceil(extract(epoch FROM longest * 1.25 + interval '100 ms') * 10)::int LOOP
      PERFORM pg_sleep(0.1);
    END LOOP;
  END IF;
END
$$;

-- Atomic mode: refresh, gates and certificate in one transaction. What a data gate stops is rolled back, so that readers keep the last certified state.
-- With p_raise it records what happened, commits it where the CALL stands alone, then raises. Inside of somebody else's transaction nothing is committed
-- here: an error takes everything back, the record too.
--
-- No SET clause and no EXCEPTION around COMMIT: PostgreSQL allows neither in a procedure that commits. Hence the qualified names.
CREATE OR REPLACE PROCEDURE audit.refresh_and_certify(p_store text, p_raise boolean, p_refresh boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  context text;
  top_level boolean;
  before jsonb := audit.session_settings();
  began timestamptz := pg_catalog.clock_timestamp();
  zone text;
  run bigint;
  touched text[];
  stores text[];
  one text;
  name text;
  status text;
  expected bigint[] := '{}';
  old_status text[] := '{}';
  held bigint;
  findings jsonb := '[]';
  steps jsonb := '[]';
  definition_failed text;
  data_failed text;
  failed_store text;
  outcome text;
  complaint text;
  complaint_state text;
  complaint_hint text;
  i int;
  n bigint;
BEGIN
  GET DIAGNOSTICS context = PG_CONTEXT;
  top_level := audit.call_may_commit(context);
  PERFORM audit.entrypoint_of_store(p_store);
  IF top_level THEN
    COMMIT;
    -- one snapshot for everything that is refreshed and judged
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
  ELSIF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'read committed' THEN
    RAISE WARNING 'inside of a READ COMMITTED transaction every refresh reads its inputs at another moment; CALL it alone, or use REPEATABLE READ';
  END IF;
  SELECT y.time_zone INTO zone FROM audit.entrypoint_policy y WHERE y.store OPERATOR(pg_catalog.=) p_store;
  PERFORM audit.pin_session(zone);
  touched := CASE WHEN p_refresh THEN ARRAY(SELECT t.store FROM audit.touched_entrypoints(p_store) t) ELSE '{}' END;
  SELECT y.store INTO one FROM audit.entrypoint_policy y WHERE y.store = ANY (touched) AND y.time_zone <> zone ORDER BY y.store LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'stores % and % share views but not their time_zone: give both the same', p_store, one USING ERRCODE = '22023';
  END IF;
  FOR one IN SELECT s FROM unnest(p_store || touched) s ORDER BY s LOOP
    IF NOT pg_try_advisory_xact_lock(hashtext('guardedjdbc'), hashtext(one)) THEN
      SELECT l.pid INTO held FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
         AND l.classid = hashtext('guardedjdbc')::bigint & 4294967295 AND l.objid = hashtext(one)::bigint & 4294967295
         AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) LIMIT 1;
      RAISE EXCEPTION 'another run of store % holds the lock (backend %)', one, held USING ERRCODE = 'RG003';
    END IF;
  END LOOP;
  -- what is closed is left so; a staged run that died may still have a backend at work on it
  stores := audit.upstream_first(p_store || ARRAY(SELECT y.store FROM audit.entrypoint_policy y JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint
                              WHERE y.store = ANY (touched) AND upper(g.status) = 'CERTIFIED' ORDER BY y.store));
  run := audit.begin_run(p_store, CASE WHEN p_refresh THEN 'atomic' ELSE 'certify' END,
                         format('CALL audit.%s(%L)', CASE WHEN p_refresh THEN 'refresh_and_certify' ELSE 'run_t0_cert' END, p_store), NULL);
  FOREACH one IN ARRAY stores LOOP
    held := NULL;
    status := NULL;
    SELECT g.certificate_id, g.status INTO held, status FROM audit.t0_cert_registry g WHERE g.entrypoint = audit.entrypoint_of_store(one);
    expected := expected || held;
    old_status := old_status || status;
    SELECT c.p_findings, c.p_failed INTO findings, complaint FROM audit.check_gates(one, 'definition', findings, NULL) c;
    IF complaint IS NOT NULL AND definition_failed IS NULL THEN
      definition_failed := complaint;
      failed_store := one;
    END IF;
  END LOOP;
  complaint := NULL;
  BEGIN
    FOREACH one IN ARRAY stores LOOP
      complaint := audit.upstream_complaint(one, stores);
      IF complaint IS NOT NULL AND definition_failed IS NULL THEN
        RAISE EXCEPTION '%', complaint USING ERRCODE = 'RG102';   -- before the work, not after it
      END IF;
    END LOOP;
    complaint := NULL;
    IF p_refresh AND definition_failed IS NULL THEN
      SELECT r.p_steps INTO steps FROM audit.refresh_store(p_store, steps) r;
    END IF;
    FOREACH one IN ARRAY stores LOOP
      SELECT c.p_findings, c.p_failed INTO findings, complaint FROM audit.check_gates(one, 'data', findings, NULL) c;
      IF complaint IS NOT NULL AND data_failed IS NULL THEN
        data_failed := complaint;
        failed_store := coalesce(failed_store, one);
      END IF;
    END LOOP;
    complaint := NULL;
    IF data_failed IS NOT NULL AND p_refresh THEN
      RAISE EXCEPTION 'back to the last certified state' USING ERRCODE = 'RG101';
    END IF;
    IF definition_failed IS NULL AND data_failed IS NULL THEN
      IF p_refresh AND EXISTS (SELECT FROM audit.touched_certificates(p_store) t WHERE audit.longest_lease(t.entrypoint) > interval '0') THEN
        RAISE EXCEPTION 'a certificate that no store can give again, and on which leases are out, reads what this refreshes'
          USING ERRCODE = '55000', HINT = format('Run: refresher run %s', p_store);
      END IF;
      PERFORM audit.await_leases(ARRAY(SELECT y.entrypoint FROM audit.entrypoint_policy y LEFT JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint
                                        WHERE y.store = ANY (p_store || touched) AND coalesce(upper(g.status), '') <> 'CERTIFIED'));
      FOR i IN 1 .. array_length(stores, 1) LOOP
        PERFORM audit.publish_certificate(run, audit.entrypoint_of_store(stores[i]), expected[i], began,
                                          CASE WHEN p_refresh AND audit.refreshes_all(p_store, stores[i]) THEN began END, NULL, audit.watermark(stores[i]));
      END LOOP;
      IF p_refresh THEN
        PERFORM audit.revoke_touched(run, t.entrypoint, t.objects) FROM audit.touched_certificates(p_store) t;
      END IF;
    END IF;
  EXCEPTION
    WHEN SQLSTATE 'RG101' THEN
      NULL;
    WHEN query_canceled OR serialization_failure OR deadlock_detected THEN
      RAISE;
    WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS complaint = MESSAGE_TEXT, complaint_state = RETURNED_SQLSTATE, complaint_hint = PG_EXCEPTION_HINT;
  END;
  PERFORM audit.record_steps(run, steps, definition_failed IS NOT NULL OR data_failed IS NOT NULL OR complaint IS NOT NULL, findings);
  IF definition_failed IS NULL AND data_failed IS NULL AND complaint IS NULL THEN
    outcome := 'certified';
    PERFORM audit.finish_run(run, outcome, format('certified: %s', array_to_string(stores, ', ')));
  ELSE
    outcome := CASE WHEN complaint IS NULL THEN 'failed' ELSE 'error' END;
    complaint := coalesce(complaint, format('store %s: gate %s failed: %s', failed_store, coalesce(definition_failed, data_failed),
      (SELECT f ->> 'message' FROM jsonb_array_elements(findings) WITH ORDINALITY g (g, o), jsonb_array_elements(g.g -> 'findings') f
        WHERE f ->> 'severity' = 'block' ORDER BY g.o LIMIT 1)));
    FOR i IN 1 .. array_length(stores, 1) LOOP
      -- code is live at once, and so are rows that were only judged: their certificate goes. A refresh that was rolled back leaves it standing
      SELECT g ->> 'gate' INTO name FROM jsonb_array_elements(findings) WITH ORDINALITY t (g, o)
       WHERE g ->> 'store' = stores[i] AND (g ->> 'blocked')::int > 0
         AND (audit.gate_kind(g ->> 'gate') = 'definition' OR NOT p_refresh OR definition_failed IS NOT NULL OR upper(old_status[i]) IS DISTINCT FROM 'CERTIFIED')
       ORDER BY t.o LIMIT 1;
      IF FOUND THEN
        PERFORM audit.revoke(run, audit.entrypoint_of_store(stores[i]), 'FAILED', name, complaint);
      END IF;
    END LOOP;
    -- and the certificate of what reads a store that has none: its rows are live at once, too
    FOREACH one IN ARRAY stores LOOP
      name := audit.upstream_complaint(one);
      IF name IS NOT NULL AND EXISTS (SELECT 1 FROM audit.t0_cert_registry g WHERE g.entrypoint = audit.entrypoint_of_store(one) AND upper(g.status) = 'CERTIFIED') THEN
        PERFORM audit.revoke(run, audit.entrypoint_of_store(one), 'REVOKED', NULL, name);
      END IF;
    END LOOP;
    PERFORM audit.finish_run(run, outcome, complaint);
  END IF;
  PERFORM set_config(k, v, true) FROM jsonb_each_text(before) s (k, v);
  IF top_level THEN
    COMMIT;
    IF outcome OPERATOR(pg_catalog.=) 'certified' THEN
      -- functions have no locks: what was redefined while we ran shows only to a snapshot taken after the publish
      PERFORM audit.pin_session(zone);
      FOREACH one IN ARRAY stores LOOP
        SELECT c.p_findings, c.p_failed INTO findings, definition_failed FROM audit.check_gates(one, 'definition', '[]', NULL) c;
        IF definition_failed IS NOT NULL THEN
          PERFORM audit.finish_run(run, 'failed', 'redefined while it was being certified');
          PERFORM audit.revoke(NULL, audit.entrypoint_of_store(one), 'FAILED', definition_failed, 'redefined while it was being certified');
          complaint := format('store %s: gate %s failed: redefined while it was being certified', one, definition_failed);
          outcome := 'failed';
        END IF;
      END LOOP;
      COMMIT;
    END IF;
  END IF;
  IF outcome OPERATOR(pg_catalog.<>) 'certified' AND p_raise THEN
    RAISE EXCEPTION '%', complaint USING ERRCODE = COALESCE(complaint_state, 'RG101'),
      HINT = pg_catalog.format('Run: refresher explain %s', p_store);
  ELSIF outcome OPERATOR(pg_catalog.<>) 'certified' THEN
    RAISE WARNING '%', complaint;
  END IF;
END
$$;

-- The two procedures of a store under the runbook's names. A procedure of that name that is not of our making stays, and is said.
CREATE OR REPLACE FUNCTION audit.make_procedures(p_store text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  suffix text;
  mark text := format('guarded reads: generated for store %s', p_store);
  name text;
  p record;
BEGIN
  SELECT y.procedure_suffix INTO suffix FROM audit.entrypoint_policy y WHERE y.store = p_store;
  -- ours under a suffix that this store no longer has
  FOR p IN SELECT f.oid::regprocedure::text AS signature FROM pg_proc f
            WHERE f.pronamespace = 'audit'::regnamespace AND f.prokind = 'p' AND obj_description(f.oid, 'pg_proc') = mark
              AND f.proname NOT IN ('run_t0_cert_' || suffix, 'refresh_and_certify_' || suffix) LOOP
    EXECUTE format('DROP PROCEDURE %s', p.signature);
  END LOOP;
  name := 'run_t0_cert_' || suffix;
  IF EXISTS (SELECT 1 FROM pg_proc f WHERE f.pronamespace = 'audit'::regnamespace AND f.proname = name AND obj_description(f.oid, 'pg_proc') IS DISTINCT FROM mark) THEN
    RAISE NOTICE 'audit.% was here before and stays as it is', name;
  ELSE
    EXECUTE format($f$CREATE OR REPLACE PROCEDURE audit.%I() LANGUAGE plpgsql AS 'BEGIN CALL audit.refresh_and_certify(%s, false, false); END'$f$, name, replace(quote_literal(p_store), '''', ''''''));
    EXECUTE format('COMMENT ON PROCEDURE audit.%I() IS %L', name, mark);
    EXECUTE format('REVOKE ALL ON PROCEDURE audit.%I() FROM PUBLIC', name);
  END IF;
  name := 'refresh_and_certify_' || suffix;
  IF EXISTS (SELECT 1 FROM pg_proc f WHERE f.pronamespace = 'audit'::regnamespace AND f.proname = name AND obj_description(f.oid, 'pg_proc') IS DISTINCT FROM mark) THEN
    RAISE NOTICE 'audit.% was here before and stays as it is', name;
  ELSE
    EXECUTE format($f$CREATE OR REPLACE PROCEDURE audit.%I(p_raise boolean DEFAULT true) LANGUAGE plpgsql AS 'BEGIN CALL audit.refresh_and_certify(%s, p_raise, true); END'$f$, name, replace(quote_literal(p_store), '''', ''''''));
    EXECUTE format('COMMENT ON PROCEDURE audit.%I(boolean) IS %L', name, mark);
    EXECUTE format('REVOKE ALL ON PROCEDURE audit.%I(boolean) FROM PUBLIC', name);
  END IF;
END
$$;

-- Procedures under a store's names that are not of our making.
CREATE OR REPLACE FUNCTION audit.kept_procedures(p_store text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT DISTINCT format('audit.%I', f.proname) FROM pg_proc f, audit.entrypoint_policy y
   WHERE y.store = p_store AND f.pronamespace = 'audit'::regnamespace AND f.proname IN ('run_t0_cert_' || y.procedure_suffix, 'refresh_and_certify_' || y.procedure_suffix)
     AND obj_description(f.oid, 'pg_proc') IS DISTINCT FROM format('guarded reads: generated for store %s', p_store)
   ORDER BY 1
$$;

REVOKE ALL ON PROCEDURE audit.refresh_and_certify(text, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.make_procedures(text), audit.pin_session(text), audit.refresh_store(text, jsonb), audit.check_gates(text, text, jsonb, text),
  audit.record_steps(bigint, jsonb, boolean, jsonb), audit.await_leases(text[]) FROM PUBLIC;
