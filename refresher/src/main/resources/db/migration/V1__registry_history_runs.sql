-- The certificates, their history, and the runs that write them.
--
-- Every statement also holds for a database that already runs the runbook's own system: its registry keeps its rows and its columns and gets
-- ours beside them; its tables and functions are not touched.

CREATE SCHEMA IF NOT EXISTS audit;

CREATE TABLE audit.found_before (
  what text PRIMARY KEY,
  undo text
);
COMMENT ON TABLE audit.found_before IS 'What was there before us, and how to put back what we changed of it: for uninstall';
INSERT INTO audit.found_before
SELECT 'table ' || c.relname, NULL FROM pg_catalog.pg_class c
 WHERE c.relnamespace = 'audit'::pg_catalog.regnamespace AND c.relname IN ('t0_cert_registry', 't0_viewdef_baseline', 't0_dataset_hash_baseline')
UNION ALL
SELECT 'column ' || a.attname, NULL FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = pg_catalog.to_regclass('audit.t0_cert_registry') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'comment', pg_catalog.format('COMMENT ON SCHEMA audit IS %L', pg_catalog.obj_description('audit'::pg_catalog.regnamespace, 'pg_namespace'))
UNION ALL
SELECT 'grants', 'REVOKE USAGE ON SCHEMA audit FROM PUBLIC'
 WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a WHERE n.nspname = 'audit' AND a.grantee = 0 AND a.privilege_type = 'USAGE');

COMMENT ON SCHEMA audit IS 'Certificates of feature stores: registry, history, policy, baselines, runs, gates (guarded reads for PostgreSQL)';

CREATE SEQUENCE IF NOT EXISTS audit.certificate_id_seq AS bigint;

CREATE TABLE IF NOT EXISTS audit.t0_cert_registry (
  entrypoint text PRIMARY KEY,
  status text NOT NULL,
  certified_at timestamptz DEFAULT pg_catalog.now()
);
ALTER TABLE audit.t0_cert_registry
  ADD COLUMN IF NOT EXISTS viewdef_objects int,
  ADD COLUMN IF NOT EXISTS dataset_days int,
  ADD COLUMN IF NOT EXISTS notes text,
  ADD COLUMN IF NOT EXISTS certificate_id bigint,
  ADD COLUMN IF NOT EXISTS chain_start bigint,
  ADD COLUMN IF NOT EXISTS lease interval NOT NULL DEFAULT interval '0',
  ADD COLUMN IF NOT EXISTS max_age interval,
  ADD COLUMN IF NOT EXISTS max_data_age interval,
  ADD COLUMN IF NOT EXISTS refreshed_at timestamptz,
  ADD COLUMN IF NOT EXISTS data_generation bigint,
  ADD COLUMN IF NOT EXISTS watermark timestamptz,
  ADD COLUMN IF NOT EXISTS valid_until timestamptz,
  ADD COLUMN IF NOT EXISTS failed_gate text,
  ADD COLUMN IF NOT EXISTS policy_digest text,
  ADD COLUMN IF NOT EXISTS run_id bigint,
  ADD COLUMN IF NOT EXISTS definition_digest text,
  ADD COLUMN IF NOT EXISTS live_digest text;
COMMENT ON TABLE audit.t0_cert_registry IS 'One row an entrypoint: what is certified, since when, for how long. Readers decide on this row alone';
COMMENT ON COLUMN audit.t0_cert_registry.certificate_id IS 'Changes with every change of the row, whoever writes (trigger)';
COMMENT ON COLUMN audit.t0_cert_registry.chain_start IS 'First certificate of the chain of atomic publishes that this one belongs to (trigger)';
COMMENT ON COLUMN audit.t0_cert_registry.lease IS 'How long a reader may decide on one look; 0 whenever the writer was no refresher run (trigger)';
COMMENT ON COLUMN audit.t0_cert_registry.definition_digest IS 'Fingerprint of all definitions of the closure when this certificate was published';
COMMENT ON COLUMN audit.t0_cert_registry.live_digest IS 'Fingerprint of what the entrypoint reads live, and of the storage of its closure, when this certificate was published';

-- Rows that were there before us: an id each, every one the start of its own chain, no lease.
UPDATE audit.t0_cert_registry SET certificate_id = pg_catalog.nextval('audit.certificate_id_seq') WHERE certificate_id IS NULL;
UPDATE audit.t0_cert_registry SET chain_start = certificate_id WHERE chain_start IS NULL;

CREATE TABLE audit.certificate_history (
  history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  changed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  operation text NOT NULL,
  entrypoint text NOT NULL,
  certificate_id bigint,
  chain_start bigint,
  status text,
  certified_at timestamptz,
  refreshed_at timestamptz,
  lease interval,
  failed_gate text,
  notes text,
  run_id bigint,
  changed_by text NOT NULL DEFAULT SESSION_USER,
  row_before jsonb,
  row_after jsonb
);
CREATE INDEX certificate_history_entrypoint ON audit.certificate_history (entrypoint, history_id);
COMMENT ON TABLE audit.certificate_history IS 'Every change of the registry, append-only';

INSERT INTO audit.certificate_history (operation, entrypoint, certificate_id, chain_start, status, certified_at, lease, notes, row_after)
SELECT 'ADOPT', r.entrypoint, r.certificate_id, r.chain_start, r.status, r.certified_at, r.lease, r.notes, pg_catalog.to_jsonb(r)
FROM audit.t0_cert_registry r;

CREATE TABLE audit.run (
  run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  store text NOT NULL,
  mode text NOT NULL,
  command text,
  backend_pid int NOT NULL,
  backend_start timestamptz,
  host text,
  started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  outcome text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'certified', 'failed', 'error', 'interrupted')),
  message text,
  settings jsonb,
  publishing_xid xid8,
  publishing_entrypoint text
);
CREATE INDEX run_store ON audit.run (store, run_id);
CREATE INDEX run_running ON audit.run (backend_pid) WHERE outcome = 'running';
COMMENT ON TABLE audit.run IS 'One row a run of the refresher; a running one is recognised by its backend (pid and start)';
COMMENT ON COLUMN audit.run.publishing_xid IS 'Transaction of the last publish or revoke; answers pg_xact_status after a cut COMMIT';
COMMENT ON COLUMN audit.run.publishing_entrypoint IS 'Set only while the publishing function runs: how the registry trigger tells it from a plain UPDATE';

CREATE TABLE audit.run_step (
  run_id bigint NOT NULL REFERENCES audit.run ON DELETE CASCADE,
  step int NOT NULL,
  kind text NOT NULL,
  object text,
  started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  outcome text,
  rows bigint,
  detail text,
  PRIMARY KEY (run_id, step)
);

CREATE TABLE audit.finding (
  finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint REFERENCES audit.run ON DELETE CASCADE,
  store text NOT NULL,
  gate text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('block', 'warn')),
  object text,
  path text[],
  expected text,
  found text,
  examples jsonb,
  message text NOT NULL,
  next_command text
);
CREATE INDEX finding_run ON audit.finding (run_id);
CREATE INDEX finding_store ON audit.finding (store, run_id);
COMMENT ON COLUMN audit.finding.store IS 'Whose gate it was: a run also judges the stores that share its views';
