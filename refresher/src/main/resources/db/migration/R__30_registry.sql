-- Who may write what into the registry, and the two functions by which the refresher writes.

-- True while audit.publish_certificate or audit.revoke runs for this entrypoint in this very transaction. The row that says so was written by
-- them, uncommitted, with the transaction's own id: no other session sees it, and no setting imitates it.
CREATE OR REPLACE FUNCTION audit.publishing_run(p_entrypoint text) RETURNS audit.run
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r FROM audit.run r
   WHERE r.outcome = 'running' AND r.backend_pid = pg_backend_pid()
     AND r.publishing_entrypoint = p_entrypoint AND r.publishing_xid = pg_current_xact_id_if_assigned()
$$;

CREATE OR REPLACE FUNCTION audit.on_registry_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  writer audit.run := audit.publishing_run(NEW.entrypoint);
BEGIN
  NEW.certificate_id := nextval('audit.certificate_id_seq');
  IF TG_OP = 'UPDATE' AND OLD.extended_until IS NOT NULL AND NEW.extended_until IS NOT DISTINCT FROM OLD.extended_until THEN
    -- an extension was for the certificate as it stood
    NEW.extended_by := NULL;
    NEW.extended_until := NULL;
    NEW.max_age := CASE WHEN NEW.max_age IS DISTINCT FROM OLD.max_age THEN NEW.max_age END;
    NEW.max_data_age := CASE WHEN NEW.max_data_age IS DISTINCT FROM OLD.max_data_age THEN NEW.max_data_age END;
  ELSIF writer.run_id IS NULL THEN
    NEW.extended_by := NULL;
    NEW.extended_until := NULL;
  END IF;
  IF writer.run_id IS NULL THEN
    -- an old procedure, a person: whatever they wrote, nobody may hold a lease on it
    NEW.lease := interval '0';
    NEW.run_id := NULL;
    NEW.definition_digest := NULL;   -- and no chain goes on over it
    NEW.live_digest := NULL;
    IF TG_OP = 'UPDATE' AND NEW.certified_at IS DISTINCT FROM OLD.certified_at THEN
      NEW.refreshed_at := CASE WHEN NEW.refreshed_at IS NOT DISTINCT FROM OLD.refreshed_at THEN NULL ELSE NEW.refreshed_at END;
      NEW.failed_gate := CASE WHEN NEW.failed_gate IS NOT DISTINCT FROM OLD.failed_gate THEN NULL ELSE NEW.failed_gate END;
      NEW.watermark := CASE WHEN NEW.watermark IS NOT DISTINCT FROM OLD.watermark THEN NULL ELSE NEW.watermark END;
      NEW.valid_until := NULL;
      NEW.policy_digest := NULL;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND writer.mode = 'atomic' AND OLD.status = 'CERTIFIED' AND NEW.status = 'CERTIFIED' AND OLD.entrypoint = NEW.entrypoint
     AND OLD.definition_digest = NEW.definition_digest AND OLD.live_digest = NEW.live_digest THEN
    NEW.chain_start := coalesce(OLD.chain_start, NEW.certificate_id);
  ELSE
    NEW.chain_start := NEW.certificate_id;
  END IF;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION audit.on_registry_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := CASE WHEN TG_OP = 'DELETE' THEN OLD.entrypoint ELSE NEW.entrypoint END;
BEGIN
  INSERT INTO audit.certificate_history
    (operation, entrypoint, certificate_id, chain_start, status, certified_at, refreshed_at, lease, failed_gate, notes, run_id, row_before, row_after)
  SELECT TG_OP, name, r.certificate_id, r.chain_start, r.status, r.certified_at, r.refreshed_at, r.lease, r.failed_gate, r.notes, r.run_id,
         CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
  FROM (SELECT (CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END).*) r;
  PERFORM pg_notify('audit_certificate', name);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION audit.on_registry_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO audit.certificate_history (operation, entrypoint, certificate_id, chain_start, status, certified_at, refreshed_at, lease, row_before)
  SELECT TG_OP, r.entrypoint, r.certificate_id, r.chain_start, r.status, r.certified_at, r.refreshed_at, r.lease, to_jsonb(r) FROM audit.t0_cert_registry r;
  PERFORM pg_notify('audit_certificate', r.entrypoint) FROM audit.t0_cert_registry r;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION audit.on_history_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'audit.certificate_history is append-only' USING ERRCODE = '42501';
END
$$;

DROP TRIGGER IF EXISTS guard_certificate_history ON audit.t0_cert_registry;
DROP TRIGGER IF EXISTS guard_certificate_truncate ON audit.t0_cert_registry;
DROP TRIGGER IF EXISTS guard_append_only ON audit.certificate_history;
DROP TRIGGER IF EXISTS guard_append_only_truncate ON audit.certificate_history;
-- "zz": BEFORE triggers run in the order of their names, and the last word is ours
DROP TRIGGER IF EXISTS zz_guard_certificate_id ON audit.t0_cert_registry;
CREATE TRIGGER zz_guard_certificate_id BEFORE INSERT OR UPDATE ON audit.t0_cert_registry FOR EACH ROW EXECUTE FUNCTION audit.on_registry_write();
CREATE TRIGGER guard_certificate_history AFTER INSERT OR UPDATE OR DELETE ON audit.t0_cert_registry FOR EACH ROW EXECUTE FUNCTION audit.on_registry_written();
CREATE TRIGGER guard_certificate_truncate BEFORE TRUNCATE ON audit.t0_cert_registry FOR EACH STATEMENT EXECUTE FUNCTION audit.on_registry_truncate();
CREATE TRIGGER guard_append_only BEFORE UPDATE OR DELETE ON audit.certificate_history FOR EACH ROW EXECUTE FUNCTION audit.on_history_change();
CREATE TRIGGER guard_append_only_truncate BEFORE TRUNCATE ON audit.certificate_history FOR EACH STATEMENT EXECUTE FUNCTION audit.on_history_change();
-- ALWAYS: a session in replica mode is no way around
ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER zz_guard_certificate_id;
ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER guard_certificate_history;
ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER guard_certificate_truncate;
ALTER TABLE audit.certificate_history ENABLE ALWAYS TRIGGER guard_append_only;
ALTER TABLE audit.certificate_history ENABLE ALWAYS TRIGGER guard_append_only_truncate;

-- Start of a backend, null where the asking role may not see it.
CREATE OR REPLACE FUNCTION audit.backend_started(p_pid int) RETURNS timestamptz
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.backend_start FROM pg_stat_get_activity(p_pid) a
$$;

CREATE OR REPLACE FUNCTION audit.begin_run(p_store text, p_mode text, p_command text, p_host text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id bigint;
BEGIN
  IF p_mode IS NULL OR p_mode NOT IN ('atomic', 'staged', 'blocking', 'certify') THEN
    RAISE EXCEPTION 'mode % is none of atomic, staged, blocking, certify', p_mode USING ERRCODE = '22023';
  END IF;
  -- a run whose backend is gone (or whose pid is another backend's by now) has died
  UPDATE audit.run r
     SET outcome = 'interrupted', finished_at = clock_timestamp(),
         message = coalesce(r.message || '; ', '') || 'its connection was gone when the next run began'
   WHERE r.outcome = 'running' AND (r.store = p_store OR r.backend_pid = pg_backend_pid())
     AND (r.backend_pid = pg_backend_pid()
          OR NOT EXISTS (SELECT 1 FROM pg_stat_get_activity(NULL) a
                          WHERE a.pid = r.backend_pid AND (a.backend_start IS NULL OR r.backend_start IS NULL OR a.backend_start = r.backend_start)));
  INSERT INTO audit.run (store, mode, command, backend_pid, backend_start, host, settings)
  VALUES (p_store, p_mode, p_command, pg_backend_pid(), audit.backend_started(pg_backend_pid()), p_host,
          (SELECT jsonb_object_agg(s.name, s.setting) FROM pg_settings s
            WHERE s.name IN ('TimeZone', 'DateStyle', 'IntervalStyle', 'extra_float_digits', 'bytea_output', 'search_path', 'transaction_isolation',
                             'synchronous_commit', 'application_name', 'server_version')))
  RETURNING run_id INTO id;
  RETURN id;
END
$$;

CREATE OR REPLACE FUNCTION audit.finish_run(p_run_id bigint, p_outcome text, p_message text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE audit.run SET outcome = p_outcome, message = p_message, finished_at = clock_timestamp(), publishing_entrypoint = NULL WHERE run_id = p_run_id;
$$;

CREATE OR REPLACE FUNCTION audit.start_step(p_run_id bigint, p_kind text, p_object text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO audit.run_step (run_id, step, kind, object)
  SELECT p_run_id, coalesce(max(s.step), 0) + 1, p_kind, p_object FROM audit.run_step s WHERE s.run_id = p_run_id
  RETURNING step
$$;

CREATE OR REPLACE FUNCTION audit.finish_step(p_run_id bigint, p_step int, p_outcome text, p_rows bigint, p_detail text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE audit.run_step SET finished_at = clock_timestamp(), outcome = p_outcome, rows = p_rows, detail = p_detail WHERE run_id = p_run_id AND step = p_step
$$;

CREATE OR REPLACE FUNCTION audit.record_finding(p_run_id bigint, p_store text, p_gate text, p_severity text, p_object text, p_path text[], p_expected text, p_found text,
                                                p_examples jsonb, p_message text, p_next_command text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO audit.finding (run_id, store, gate, severity, object, path, expected, found, examples, message, next_command)
  VALUES (p_run_id, p_store, p_gate, p_severity, p_object, p_path, p_expected, p_found, p_examples, p_message, p_next_command)
  RETURNING finding_id
$$;

-- Marks this transaction as the one in which this backend's run writes the row of an entrypoint.
CREATE OR REPLACE FUNCTION audit.enter_publishing(p_run_id bigint, p_entrypoint text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE audit.run r SET publishing_xid = pg_current_xact_id(), publishing_entrypoint = p_entrypoint
   WHERE r.run_id = p_run_id AND r.outcome = 'running' AND r.backend_pid = pg_backend_pid()
     AND coalesce(r.backend_start = audit.backend_started(pg_backend_pid()), true);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'run % is no running run of this connection', p_run_id USING ERRCODE = 'RG002', HINT = 'audit.begin_run registers a run for one backend';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.leave_publishing(p_run_id bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE audit.run SET publishing_entrypoint = NULL WHERE run_id = p_run_id
$$;

-- Compare-and-set: only over the row that the run started from (or null: no row). Otherwise RG002, "overtaken".
DROP FUNCTION IF EXISTS audit.publish_certificate(bigint, text, bigint, timestamptz, timestamptz, text);
CREATE OR REPLACE FUNCTION audit.publish_certificate(p_run_id bigint, p_entrypoint text, p_expected_certificate_id bigint, p_certified_at timestamptz,
                                                     p_refreshed_at timestamptz, p_notes text, p_watermark timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  policy audit.entrypoint_policy;
  the_run audit.run;
  id bigint;
  definition text;
  live text;
  complaint text;
BEGIN
  SELECT * INTO policy FROM audit.entrypoint_policy y WHERE y.entrypoint = p_entrypoint;
  IF policy.store IS NULL THEN
    RAISE EXCEPTION 'no store has the entrypoint %', p_entrypoint USING ERRCODE = '22023', HINT = 'Run: refresher init';
  END IF;
  SELECT * INTO the_run FROM audit.run r WHERE r.run_id = p_run_id;
  IF p_expected_certificate_id IS NOT NULL THEN
    PERFORM 1 FROM audit.t0_cert_registry g WHERE g.entrypoint = p_entrypoint AND g.certificate_id = p_expected_certificate_id FOR UPDATE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'overtaken' USING ERRCODE = 'RG002',
        DETAIL = format('the certificate of %s is no longer number %s, from which this run started', p_entrypoint, p_expected_certificate_id);
    END IF;
  END IF;
  complaint := audit.upstream_complaint(policy.store);
  IF complaint IS NOT NULL THEN
    RAISE EXCEPTION '%', complaint USING ERRCODE = 'RG102';
  END IF;
  definition := audit.definition_digest(policy.store);
  live := audit.live_digest(policy.store);
  PERFORM audit.enter_publishing(p_run_id, p_entrypoint);
  IF p_expected_certificate_id IS NULL THEN
    INSERT INTO audit.t0_cert_registry AS g
      (entrypoint, status, certified_at, viewdef_objects, dataset_days, notes, lease, max_age, max_data_age, refreshed_at, data_generation, watermark, valid_until,
       policy_digest, run_id, definition_digest, live_digest)
    VALUES
      (p_entrypoint, 'CERTIFIED', p_certified_at, audit.definition_objects(policy.store), audit.dataset_days(policy.store), p_notes,
       CASE WHEN the_run.mode = 'certify' THEN interval '0' ELSE policy.lease END, policy.max_age, policy.max_data_age, p_refreshed_at, 1,
       p_watermark, p_certified_at + policy.max_age, policy.config_digest, p_run_id, definition, live)
    ON CONFLICT DO NOTHING
    RETURNING g.certificate_id INTO id;
    IF id IS NULL THEN
      RAISE EXCEPTION 'overtaken' USING ERRCODE = 'RG002',
        DETAIL = format('there was no certificate of %s when this run started, and now there is one', p_entrypoint);
    END IF;
  ELSE
    UPDATE audit.t0_cert_registry g
       SET status = 'CERTIFIED', certified_at = p_certified_at, viewdef_objects = audit.definition_objects(policy.store),
           dataset_days = audit.dataset_days(policy.store), notes = p_notes,
           lease = CASE WHEN the_run.mode = 'certify' THEN interval '0' ELSE policy.lease END,
           max_age = policy.max_age, max_data_age = policy.max_data_age, refreshed_at = coalesce(p_refreshed_at, g.refreshed_at),
           data_generation = coalesce(g.data_generation, 0) + CASE WHEN the_run.mode = 'certify' THEN 0 ELSE 1 END,
           watermark = p_watermark, valid_until = p_certified_at + policy.max_age, failed_gate = NULL, policy_digest = policy.config_digest, run_id = p_run_id,
           definition_digest = definition, live_digest = live
     WHERE g.entrypoint = p_entrypoint AND g.certificate_id = p_expected_certificate_id
    RETURNING g.certificate_id INTO id;
  END IF;
  PERFORM audit.leave_publishing(p_run_id);
  RETURN id;
END
$$;

-- Takes a certificate away, in whatever state it is. certified_at stays that of the last certificate. Without a row it makes one that never was certified.
CREATE OR REPLACE FUNCTION audit.revoke(p_run_id bigint, p_entrypoint text, p_status text, p_failed_gate text, p_notes text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id bigint;
BEGIN
  IF p_status IS NULL OR p_status NOT IN ('FAILED', 'REFRESHING', 'REVOKED') THEN
    RAISE EXCEPTION 'status % is none of FAILED, REFRESHING, REVOKED', p_status USING ERRCODE = '22023';
  END IF;
  IF p_run_id IS NOT NULL THEN
    PERFORM audit.enter_publishing(p_run_id, p_entrypoint);
  END IF;
  -- an UPDATE first: an INSERT is held against the table's constraints before it finds the row that is there
  UPDATE audit.t0_cert_registry g SET status = p_status, notes = p_notes, failed_gate = p_failed_gate, run_id = p_run_id WHERE g.entrypoint = p_entrypoint
  RETURNING g.certificate_id INTO id;
  IF NOT FOUND THEN
    INSERT INTO audit.t0_cert_registry AS g (entrypoint, status, certified_at, notes, failed_gate, run_id)
    VALUES (p_entrypoint, p_status, NULL, p_notes, p_failed_gate, p_run_id)
    ON CONFLICT (entrypoint) DO UPDATE SET status = excluded.status, notes = excluded.notes, failed_gate = excluded.failed_gate, run_id = excluded.run_id
    RETURNING g.certificate_id INTO id;
  END IF;
  IF p_run_id IS NOT NULL THEN
    PERFORM audit.leave_publishing(p_run_id);
  END IF;
  RETURN id;
END
$$;

-- The longest lease that a reader may still hold on an entrypoint. Lowering the setting shortens no lease that is out, and readers take leases until the
-- change commits, which no trigger sees: a certificate counts until a second transaction has found it replaced, and its lease (twice, and a minute) is over
-- since. The row's own lease counts in every state, so that a run that begins again waits in full again.
CREATE OR REPLACE FUNCTION audit.longest_lease(p_entrypoint text) RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(max(x.lease), interval '0')
    FROM (SELECT g.lease FROM audit.t0_cert_registry g WHERE g.entrypoint = p_entrypoint
          UNION ALL
          SELECT h.lease
            FROM audit.certificate_history h
            LEFT JOIN LATERAL (SELECT n.history_id, n.xact FROM audit.certificate_history n
                                WHERE n.entrypoint = h.entrypoint AND n.history_id > h.history_id ORDER BY n.history_id LIMIT 1) replaced ON true
            LEFT JOIN LATERAL (SELECT n.changed_at FROM audit.certificate_history n
                                WHERE n.entrypoint = h.entrypoint AND n.history_id > replaced.history_id AND n.xact <> replaced.xact
                                ORDER BY n.history_id LIMIT 1) seen ON true
           WHERE h.entrypoint = p_entrypoint AND h.operation NOT IN ('DELETE', 'TRUNCATE') AND upper(h.status) = 'CERTIFIED' AND h.lease > interval '0'
             AND (seen.changed_at IS NULL OR seen.changed_at + 2 * h.lease + interval '1 minute' > clock_timestamp())) x
$$;

-- The fence: keeps these rows as they are until the transaction ends. False when one is no longer the certificate named: another writer has taken over.
CREATE OR REPLACE FUNCTION audit.fence(p_entrypoints text[], p_certificate_ids bigint[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  held int;
BEGIN
  SELECT count(*) INTO held
    FROM (SELECT FROM audit.t0_cert_registry g JOIN unnest(p_entrypoints, p_certificate_ids) w (entrypoint, id)
                   ON g.entrypoint = w.entrypoint AND g.certificate_id = w.id
           ORDER BY g.entrypoint FOR SHARE OF g) x;
  RETURN held = cardinality(p_entrypoints);
END
$$;

-- A run has changed what this entrypoint reads, and no store of ours certifies it.
CREATE OR REPLACE FUNCTION audit.revoke_touched(p_run_id bigint, p_entrypoint text, p_objects text[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT audit.revoke(p_run_id, p_entrypoint, 'REVOKED', NULL,
                      format('run %s refreshes %s, which it reads: certify it again, or make it a store', p_run_id, array_to_string(p_objects, ', ')))
$$;

REVOKE ALL ON FUNCTION audit.on_registry_write(), audit.on_registry_written(), audit.on_registry_truncate(), audit.on_history_change(),
  audit.begin_run(text, text, text, text), audit.finish_run(bigint, text, text), audit.start_step(bigint, text, text),
  audit.finish_step(bigint, int, text, bigint, text),
  audit.record_finding(bigint, text, text, text, text, text[], text, text, jsonb, text, text),
  audit.enter_publishing(bigint, text), audit.leave_publishing(bigint), audit.longest_lease(text), audit.fence(text[], bigint[]),
  audit.publish_certificate(bigint, text, bigint, timestamptz, timestamptz, text, timestamptz), audit.revoke(bigint, text, text, text, text),
  audit.revoke_touched(bigint, text, text[]) FROM PUBLIC;
