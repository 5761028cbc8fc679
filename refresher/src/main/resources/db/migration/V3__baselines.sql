-- The reviewed references that gates compare with. The runbook's two tables are made where they are missing, so that its own queries work,
-- and are never written by us.

CREATE TABLE IF NOT EXISTS audit.t0_viewdef_baseline (
  entrypoint text NOT NULL,
  object_fqn text NOT NULL,
  relkind text,
  viewdef_sha256 text NOT NULL,
  captured_at timestamptz DEFAULT pg_catalog.now(),
  PRIMARY KEY (entrypoint, object_fqn)
);
CREATE TABLE IF NOT EXISTS audit.t0_dataset_hash_baseline (
  entrypoint text NOT NULL,
  t0_day date NOT NULL,
  sample_limit int NOT NULL,
  dataset_sha256 text NOT NULL,
  computed_at timestamptz DEFAULT pg_catalog.now(),
  PRIMARY KEY (entrypoint, t0_day, sample_limit)
);

CREATE TABLE audit.baseline (
  baseline_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  store text NOT NULL,
  entrypoint text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('definition', 'dataset')),
  status text NOT NULL DEFAULT 'proposed' CHECK (status IN ('proposed', 'approved', 'superseded')),
  algorithm int NOT NULL,
  server_major int NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  proposed_by text NOT NULL DEFAULT SESSION_USER,
  run_id bigint,
  reviewed_at timestamptz,
  reviewer text,
  reason text,
  git_commit text,
  columns jsonb,
  settings jsonb,
  approved_xid xid8
);
CREATE UNIQUE INDEX baseline_one_approved ON audit.baseline (store, kind) WHERE status = 'approved';
CREATE INDEX baseline_store ON audit.baseline (store, kind, baseline_id);
COMMENT ON COLUMN audit.baseline.approved_xid IS 'A gate never compares with a baseline that was approved in its own transaction';

CREATE TABLE audit.definition_baseline (
  baseline_id bigint NOT NULL REFERENCES audit.baseline ON DELETE CASCADE,
  object text NOT NULL,
  kind text NOT NULL,
  definition text NOT NULL,
  fingerprint text NOT NULL,
  PRIMARY KEY (baseline_id, object)
);

CREATE TABLE audit.dataset_baseline (
  baseline_id bigint NOT NULL REFERENCES audit.baseline ON DELETE CASCADE,
  day date NOT NULL,
  rows bigint NOT NULL,
  day_hash text NOT NULL,
  PRIMARY KEY (baseline_id, day)
);

CREATE TABLE audit.dataset_baseline_key (
  baseline_id bigint NOT NULL REFERENCES audit.baseline ON DELETE CASCADE,
  day date NOT NULL,
  key text NOT NULL,
  row_hash bytea NOT NULL,
  column_values text[] NOT NULL,
  PRIMARY KEY (baseline_id, day, key)
);
COMMENT ON TABLE audit.dataset_baseline_key IS
  'The rows of the baseline days, bounded by the gate''s keys_per_day, so that a drift can be told by column and key with old and new value';
