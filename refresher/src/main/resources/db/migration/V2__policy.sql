-- What a store is and what it demands: the database's copy of its YAML, written by audit.apply_policy, read by gates and driver.

CREATE TABLE audit.entrypoint_policy (
  entrypoint text PRIMARY KEY,
  store text NOT NULL UNIQUE,
  procedure_suffix text NOT NULL,
  max_age interval NOT NULL DEFAULT interval '24 hours',
  warn_age interval,
  max_data_age interval,
  lease interval NOT NULL DEFAULT interval '10 seconds',
  closure text NOT NULL DEFAULT 'deny',
  publish_mode text NOT NULL DEFAULT 'atomic' CHECK (publish_mode IN ('atomic', 'staged', 'blocking')),
  key_columns text[] NOT NULL,
  anchor_column text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  sample_columns text[],
  config jsonb NOT NULL,
  config_digest text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

CREATE TABLE audit.policy_version (
  store text NOT NULL REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  config_digest text NOT NULL,
  config jsonb NOT NULL,
  PRIMARY KEY (store, config_digest)
);
COMMENT ON TABLE audit.policy_version IS 'Every configuration that a store had: what became looser since its certificate';

CREATE TABLE audit.relation_rule (
  store text NOT NULL REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  rule text NOT NULL CHECK (rule IN ('forbidden', 'refused', 'alias', 'safe_function', 'input')),
  pattern text NOT NULL,
  reason text,
  PRIMARY KEY (store, rule, pattern)
);
COMMENT ON TABLE audit.relation_rule IS
  'Names with their rule; * in a pattern stands for anything, every other character for itself. forbidden: not in the closure. refused: not readable through the driver. input: a materialized view that another job refreshes';

CREATE TABLE audit.declared_edge (
  store text NOT NULL REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  from_relation text NOT NULL,
  to_relation text NOT NULL,
  PRIMARY KEY (store, from_relation, to_relation)
);
COMMENT ON TABLE audit.declared_edge IS 'Order that the catalog does not know: from_relation is refreshed before to_relation';

CREATE TABLE audit.gate_setting (
  store text NOT NULL REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  gate text NOT NULL,
  severity text NOT NULL DEFAULT 'block' CHECK (severity IN ('block', 'warn')),
  settings jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (store, gate)
);

CREATE TABLE audit.sql_step (
  store text NOT NULL REFERENCES audit.entrypoint_policy (store) ON DELETE CASCADE ON UPDATE CASCADE,
  name text NOT NULL,
  position int NOT NULL DEFAULT 0,
  sql text NOT NULL,
  reads text[] NOT NULL DEFAULT '{}',
  writes text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (store, name)
);
COMMENT ON TABLE audit.sql_step IS 'A table rebuilt between two views: runs after every view that it reads, before every view that reaches what it writes';
