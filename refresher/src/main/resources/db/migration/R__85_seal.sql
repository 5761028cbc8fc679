-- The seal: whoever refreshes or redefines something in the closure of a sealed store, or writes to what it reads live, takes its certificate away in the
-- same transaction, unless the refresher does it. Recognised is the backend of a registered run (pid and start), never a setting.

-- Whether a backend is the one that a run noted. The owner of this function may not see when another role's backend began, even if that role is a member of
-- its own; locks everybody sees, and a run's backend holds one to its end, so that a later process of the same number is not taken for it.
CREATE OR REPLACE FUNCTION audit.is_backend(p_pid int, p_started timestamptz, p_lock int, p_key int) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN isfinite(p_started) AND a.backend_start IS NOT NULL THEN a.backend_start = p_started
              ELSE EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.pid = p_pid AND l.objsubid = 2
                              AND l.classid::bigint = p_lock::bigint & 4294967295 AND l.objid::bigint = p_key::bigint & 4294967295
                              AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) END
    FROM pg_stat_get_activity(p_pid) a
$$;

CREATE OR REPLACE FUNCTION audit.is_refresher() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT 1 FROM audit.run r WHERE r.outcome = 'running' AND r.backend_pid = pg_backend_pid()
                    AND audit.is_backend(r.backend_pid, r.backend_start, hashtext('guardedjdbc'), hashtext(r.store)))
      OR EXISTS (SELECT 1 FROM audit.run_backend b JOIN audit.run r ON r.run_id = b.run_id AND r.outcome = 'running'
                  WHERE b.backend_pid = pg_backend_pid()
                    AND audit.is_backend(b.backend_pid, b.backend_start, hashtext('guardedjdbc worker'), hashint8(b.run_id)))
$$;

-- For a further connection of a running run, as staged mode has them. Its first connection must still be there.
CREATE OR REPLACE FUNCTION audit.join_run(p_run_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_lock_shared(hashtext('guardedjdbc worker'), hashint8(p_run_id));   -- to the end of this connection
  INSERT INTO audit.run_backend (run_id, backend_pid, backend_start)
  SELECT r.run_id, pg_backend_pid(), coalesce(audit.backend_started(pg_backend_pid()), '-infinity')   -- not for its owner to see
    FROM audit.run r
   WHERE r.run_id = p_run_id AND r.outcome = 'running' AND audit.is_backend(r.backend_pid, r.backend_start, hashtext('guardedjdbc'), hashtext(r.store))
  ON CONFLICT DO NOTHING;
  IF NOT FOUND AND NOT audit.is_refresher() THEN
    RAISE EXCEPTION 'run % is not running', p_run_id USING ERRCODE = 'RG002';
  END IF;
END
$$;

-- Revokes what is certified, or on its way to be, unless the refresher itself is at work. What is closed keeps its reason.
CREATE OR REPLACE FUNCTION audit.break_seal(p_stores text[], p_what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
BEGIN
  IF p_stores = '{}' OR audit.is_refresher() THEN
    RETURN;
  END IF;
  FOR r IN SELECT y.entrypoint, g.status FROM audit.entrypoint_policy y LEFT JOIN audit.t0_cert_registry g ON g.entrypoint = y.entrypoint
            WHERE y.store = ANY (p_stores) ORDER BY y.entrypoint LOOP
    IF upper(r.status) NOT IN ('CERTIFIED', 'REFRESHING') THEN
      -- closed it stays; but a run that is about to open it has not seen this change, and must meet another row than it found
      UPDATE audit.t0_cert_registry g SET notes = g.notes WHERE g.entrypoint = r.entrypoint;
    ELSE
      PERFORM audit.revoke(NULL, r.entrypoint, 'REVOKED', 'seal', format('seal broken: %s by %s', p_what, session_user));
    END IF;
  END LOOP;
END
$$;

-- What the seal's triggers count for the driver, so that it sees a definition made elsewhere at once: a row a transaction, so that nobody waits for anybody.
DO $do$
BEGIN
  IF pg_catalog.to_regclass('audit.catalog_change') IS NULL THEN
    CREATE TABLE audit.catalog_change (
      transaction_id bigint PRIMARY KEY,
      changed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
    );
  END IF;
END
$do$;
COMMENT ON TABLE audit.catalog_change IS 'Transactions of the last day that defined, altered or dropped something while a store was sealed';

CREATE OR REPLACE FUNCTION audit.count_catalog_change() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO audit.catalog_change (transaction_id) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
  IF FOUND AND current_setting('transaction_isolation') = 'read committed' THEN   -- elsewhere it could fail for what others delete
    DELETE FROM audit.catalog_change c WHERE c.transaction_id IN (
      SELECT o.transaction_id FROM audit.catalog_change o WHERE o.changed_at < clock_timestamp() - interval '1 day' LIMIT 100 FOR UPDATE SKIP LOCKED);
  END IF;
END
$$;

-- Changes whenever something was defined; null where nobody counts.
CREATE OR REPLACE FUNCTION audit.catalog_changes() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
  SELECT CASE WHEN t.count = 2 THEN concat_ws(' ', t.versions, c.count, c.last, c.sum) END
    FROM (SELECT count(*), string_agg(e.xmin::text, ' ' ORDER BY e.evtname) AS versions FROM pg_event_trigger e
           WHERE e.evtenabled = 'A' AND (e.evtname, e.evtfoid) IN (('guard_seal_ddl', to_regprocedure('audit.on_sealed_ddl()')::oid), ('guard_seal_drop', to_regprocedure('audit.on_sealed_drop()')::oid))) t,
         (SELECT count(*), max(x.transaction_id) AS last, sum(x.transaction_id) FROM audit.catalog_change x) c
$$;

CREATE OR REPLACE FUNCTION audit.on_sealed_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c record;
  stores text[];
BEGIN
  IF TG_TAG IN ('COMMENT', 'SECURITY LABEL', 'GRANT', 'REVOKE', 'CREATE STATISTICS', 'ALTER DEFAULT PRIVILEGES') THEN
    RETURN;   -- they change neither rows nor code
  END IF;
  IF TG_TAG NOT IN ('REFRESH MATERIALIZED VIEW', 'CREATE INDEX') AND TG_TAG NOT LIKE 'DROP %' AND NOT (
       TG_TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SEQUENCE')   -- temporary ones lead to nothing, unless they are some table's child
       AND (SELECT bool_and(d.schema_name = 'pg_temp' AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = d.objid)) FROM pg_event_trigger_ddl_commands() d)) THEN
    PERFORM audit.count_catalog_change();
  END IF;
  FOR c IN SELECT d.classid, d.objid, d.command_tag, d.object_identity FROM pg_event_trigger_ddl_commands() d WHERE d.objid IS NOT NULL LOOP
    stores := ARRAY(
      SELECT DISTINCT s.store FROM audit.sealed_object s
       WHERE (s.classid = c.classid AND s.objid = c.objid)
          OR (s.classid = 'pg_class'::regclass AND (
                (c.classid = 'pg_trigger'::regclass AND s.objid = (SELECT t.tgrelid FROM pg_trigger t WHERE t.oid = c.objid))
             OR (c.classid = 'pg_rewrite'::regclass AND s.objid = (SELECT w.ev_class FROM pg_rewrite w WHERE w.oid = c.objid))
             OR (c.classid = 'pg_policy'::regclass AND s.objid = (SELECT p.polrelid FROM pg_policy p WHERE p.oid = c.objid))
             OR (c.classid = 'pg_class'::regclass AND s.objid = ANY (ARRAY(SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.objid)))
             OR (c.classid = 'pg_namespace'::regclass AND c.command_tag LIKE 'ALTER%' AND s.objid = ANY (ARRAY(SELECT r.oid FROM pg_class r WHERE r.relnamespace = c.objid))))));
    PERFORM audit.break_seal(stores, format('%s of %s', c.command_tag, c.object_identity));
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.on_sealed_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  d record;
  stores text[];
BEGIN
  IF EXISTS (SELECT 1 FROM pg_event_trigger_dropped_objects() x WHERE NOT x.is_temporary) THEN
    PERFORM audit.count_catalog_change();
  END IF;
  FOR d IN SELECT x.classid, x.objid, x.object_type, x.object_identity, x.address_names FROM pg_event_trigger_dropped_objects() x LOOP
    stores := ARRAY(
      SELECT DISTINCT s.store FROM audit.sealed_object s
       WHERE (s.classid = d.classid AND s.objid = d.objid)
          OR (d.object_type IN ('trigger', 'rule', 'policy') AND s.object = format('%I.%I', d.address_names[1], d.address_names[2])));
    PERFORM audit.break_seal(stores, format('DROP of %s', d.object_identity));
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.on_sealed_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- a statement that touched no row changed nothing; each event has its own transition table, so each its own branch
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    IF NOT EXISTS (SELECT 1 FROM guard_new) THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT 1 FROM guard_old) THEN
      RETURN NULL;
    END IF;
  END IF;
  PERFORM audit.break_seal(ARRAY(SELECT s.store FROM audit.sealed_object s WHERE s.classid = 'pg_class'::regclass AND s.objid = TG_RELID AND s.live_table),
                           format('%s on %I.%I', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME));
  RETURN NULL;
END
$$;

-- Takes the closure of a sealed store as it is now. Called by seal, and whenever a certificate is published.
CREATE OR REPLACE FUNCTION audit.note_sealed(p_store text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM audit.sealed_object s WHERE s.store = p_store;
  INSERT INTO audit.sealed_object (store, classid, objid, object, live_table)
  SELECT DISTINCT ON (c.kind = 'function', c.oid) p_store, CASE c.kind WHEN 'function' THEN 'pg_proc'::regclass ELSE 'pg_class'::regclass END, c.oid, c.object, c.live AND c.kind IN ('r', 'p')
    FROM audit.closure(audit.entrypoint_of_store(p_store)) c
   WHERE c.kind <> 'r' OR c.live;   -- tables behind materialized views change with the next refresh only
END
$$;

CREATE OR REPLACE FUNCTION audit.on_certified_note_sealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM audit.note_sealed(s.store) FROM audit.seal s JOIN audit.entrypoint_policy y ON y.store = s.store WHERE y.entrypoint = NEW.entrypoint;
  RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS guard_note_sealed ON audit.t0_cert_registry;
CREATE TRIGGER guard_note_sealed AFTER INSERT OR UPDATE ON audit.t0_cert_registry FOR EACH ROW
  WHEN (NEW.status = 'CERTIFIED' AND NEW.run_id IS NOT NULL) EXECUTE FUNCTION audit.on_certified_note_sealed();
ALTER TABLE audit.t0_cert_registry ENABLE ALWAYS TRIGGER guard_note_sealed;

-- The triggers of one live table, where they are missing.
CREATE OR REPLACE FUNCTION audit.seal_table(p_table oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := audit.relation_name(p_table);
  x record;
BEGIN
  FOR x IN SELECT * FROM (VALUES ('INSERT', 'REFERENCING NEW TABLE AS guard_new'), ('UPDATE', 'REFERENCING NEW TABLE AS guard_new'), ('DELETE', 'REFERENCING OLD TABLE AS guard_old'), ('TRUNCATE', '')) v (event, tables) LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = p_table AND t.tgname = 'zz_guard_seal_' || lower(x.event)) THEN
      EXECUTE format('CREATE TRIGGER zz_guard_seal_%s AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION audit.on_sealed_write()', lower(x.event), x.event, name, x.tables);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = p_table AND t.tgname = 'zz_guard_seal_' || lower(x.event) AND t.tgenabled = 'A') THEN
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER zz_guard_seal_%s', name, lower(x.event));
    END IF;
  END LOOP;
END
$$;

-- Seals a store. The session must be the backend of a registered run: its own triggers are DDL on the closure, too.
CREATE OR REPLACE FUNCTION audit.seal_store(p_store text) RETURNS TABLE (object text, kind text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  x record;
BEGIN
  PERFORM audit.entrypoint_of_store(p_store);
  FOR x IN SELECT * FROM (VALUES ('guard_seal_ddl', 'ddl_command_end', 'on_sealed_ddl'), ('guard_seal_drop', 'sql_drop', 'on_sealed_drop')) v (name, event, function) LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_event_trigger t WHERE t.evtname = x.name) THEN
      EXECUTE format('CREATE EVENT TRIGGER %I ON %s EXECUTE FUNCTION audit.%I()', x.name, x.event, x.function);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_event_trigger t WHERE t.evtname = x.name AND t.evtenabled = 'A') THEN
      EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', x.name);
    END IF;
    object := x.name; kind := 'event trigger';
    RETURN NEXT;
  END LOOP;
  INSERT INTO audit.seal (store) VALUES (p_store) ON CONFLICT DO NOTHING;
  PERFORM audit.note_sealed(p_store);
  FOR x IN SELECT s.objid, s.object FROM audit.sealed_object s WHERE s.store = p_store AND s.live_table ORDER BY s.object LOOP
    PERFORM audit.seal_table(x.objid);
    object := x.object; kind := 'table triggers';
    RETURN NEXT;
  END LOOP;
  RETURN QUERY SELECT s.object, 'watched'::text FROM audit.sealed_object s WHERE s.store = p_store AND NOT s.live_table ORDER BY s.object;
END
$$;

-- Takes off the seal of a store, and what no other sealed store needs.
CREATE OR REPLACE FUNCTION audit.unseal_store(p_store text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  x record;
  was boolean;
BEGIN
  DELETE FROM audit.seal s WHERE s.store = p_store;
  was := FOUND;
  FOR x IN SELECT t.tgname, audit.relation_name(t.tgrelid) AS name FROM pg_trigger t
            WHERE t.tgfoid = 'audit.on_sealed_write()'::regprocedure AND NOT t.tgisinternal
              AND NOT EXISTS (SELECT 1 FROM audit.sealed_object s WHERE s.classid = 'pg_class'::regclass AND s.objid = t.tgrelid AND s.live_table) LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', x.tgname, x.name);
  END LOOP;
  IF NOT EXISTS (SELECT 1 FROM audit.seal) THEN
    DROP EVENT TRIGGER IF EXISTS guard_seal_ddl;
    DROP EVENT TRIGGER IF EXISTS guard_seal_drop;
  END IF;
  RETURN was;
END
$$;

-- What is wrong with the seal of a store; no row: it is whole.
CREATE OR REPLACE FUNCTION audit.seal_gaps(p_store text) RETURNS TABLE (gap text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('event trigger %s is %s', n, CASE WHEN t.evtname IS NULL THEN 'missing' ELSE 'not ENABLE ALWAYS' END)
    FROM unnest('{guard_seal_ddl,guard_seal_drop}'::name[]) n LEFT JOIN pg_event_trigger t ON t.evtname = n WHERE t.evtenabled IS DISTINCT FROM 'A'
  UNION ALL
  SELECT format('%s: trigger for %s is %s', s.object, upper(e), CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'not ENABLE ALWAYS' END)
    FROM audit.sealed_object s CROSS JOIN unnest('{insert,update,delete,truncate}'::text[]) e
         LEFT JOIN pg_trigger t ON t.tgrelid = s.objid AND t.tgname = 'zz_guard_seal_' || e
   WHERE s.store = p_store AND s.live_table AND t.tgenabled IS DISTINCT FROM 'A'
  UNION ALL
  SELECT format('%s is in the closure now and not watched: seal again', c.object)
    FROM audit.closure(audit.entrypoint_of_store(p_store)) c
   WHERE (c.kind <> 'r' OR c.live) AND NOT EXISTS (SELECT 1 FROM audit.sealed_object s WHERE s.store = p_store AND s.objid = c.oid)
  UNION ALL
  SELECT format('%s is a foreign table: no seal sees what happens on its server', c.object) FROM audit.closure(audit.entrypoint_of_store(p_store)) c WHERE c.kind = 'f' AND c.live
$$;

REVOKE ALL ON FUNCTION audit.is_backend(int, timestamptz, int, int), audit.is_refresher(), audit.count_catalog_change(), audit.join_run(bigint), audit.break_seal(text[], text), audit.on_sealed_ddl(), audit.on_sealed_drop(), audit.on_sealed_write(),
  audit.note_sealed(text), audit.on_certified_note_sealed(), audit.seal_table(oid), audit.seal_store(text), audit.unseal_store(text), audit.seal_gaps(text) FROM PUBLIC;
