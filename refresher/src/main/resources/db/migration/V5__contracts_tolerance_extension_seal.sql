-- What later gates and commands keep: row counts of runs, tolerances, extensions of certificates, seals.

CREATE TABLE audit.run_row_count (
  run_id bigint NOT NULL REFERENCES audit.run ON DELETE CASCADE,
  store text NOT NULL,
  rows bigint NOT NULL,
  PRIMARY KEY (run_id, store)
);
COMMENT ON TABLE audit.run_row_count IS 'What the gate row-count counted; the reference is the run of the last certificate';

CREATE TABLE audit.baseline_tolerance (
  tolerance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  store text NOT NULL,
  name text NOT NULL,
  last_days int NOT NULL CHECK (last_days > 0),
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  expires_at timestamptz NOT NULL,
  reviewer text NOT NULL,
  reason text NOT NULL,
  granted_by text NOT NULL DEFAULT SESSION_USER,
  ended_at timestamptz,
  ended_by text,
  CHECK (expires_at > granted_at)
);
CREATE INDEX baseline_tolerance_store ON audit.baseline_tolerance (store, tolerance_id);
COMMENT ON TABLE audit.baseline_tolerance IS 'For a while, drift of the last days only warns: a named policy with a reviewer, a reason and an expiry';

CREATE TABLE audit.input_baseline (
  baseline_id bigint NOT NULL REFERENCES audit.baseline ON DELETE CASCADE,
  relation text NOT NULL,
  day date NOT NULL,
  rows bigint NOT NULL,
  day_hash text NOT NULL,
  PRIMARY KEY (baseline_id, relation, day)
);
COMMENT ON TABLE audit.input_baseline IS 'The raw rows of the baseline days: whether a day changed because its own raw rows did';

ALTER TABLE audit.t0_cert_registry ADD COLUMN IF NOT EXISTS extended_by text, ADD COLUMN IF NOT EXISTS extended_until timestamptz;
COMMENT ON COLUMN audit.t0_cert_registry.extended_by IS 'Who let this certificate stand beyond its maximum age; any other write of the row takes it away (trigger)';

CREATE TABLE audit.seal (
  store text PRIMARY KEY REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  sealed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  sealed_by text NOT NULL DEFAULT SESSION_USER
);
CREATE TABLE audit.sealed_object (
  store text NOT NULL REFERENCES audit.seal ON DELETE CASCADE ON UPDATE CASCADE,
  classid oid NOT NULL,
  objid oid NOT NULL,
  object text NOT NULL,
  live_table boolean NOT NULL,
  PRIMARY KEY (store, classid, objid)
);
CREATE INDEX sealed_object_oid ON audit.sealed_object (classid, objid);
COMMENT ON TABLE audit.sealed_object IS 'The closure of a sealed store, by OID: a DROP is seen only when the object is gone from the catalog';

CREATE TABLE audit.run_backend (
  run_id bigint NOT NULL REFERENCES audit.run ON DELETE CASCADE,
  backend_pid int NOT NULL,
  backend_start timestamptz NOT NULL,
  PRIMARY KEY (run_id, backend_pid, backend_start)
);
CREATE INDEX run_backend_pid ON audit.run_backend (backend_pid);
COMMENT ON TABLE audit.run_backend IS 'Further connections of a running run, so that the seal knows them';

-- 'done': sealed, unsealed, extended; neither refreshed nor judged
ALTER TABLE audit.run DROP CONSTRAINT run_outcome_check;
ALTER TABLE audit.run ADD CONSTRAINT run_outcome_check CHECK (outcome IN ('running', 'certified', 'failed', 'error', 'interrupted', 'done'));
