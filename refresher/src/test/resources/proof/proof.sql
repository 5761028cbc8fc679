-- Stores whose every row carries the generation of each view that made it: one_v, two_v (shares a_mv with it), three_v (stands on one_v), four_v (not sealed), and old_v of the
-- runbook's own kind. What the gates saw is written down in the transaction that they ran in, and with each certificate.
CREATE SCHEMA proof;
CREATE TABLE proof.input (id int PRIMARY KEY, generation bigint NOT NULL, good boolean NOT NULL);
INSERT INTO proof.input SELECT n, 1, true FROM generate_series(1, 12) n;
CREATE TABLE proof.live (generation bigint NOT NULL);
INSERT INTO proof.live VALUES (1);
CREATE TABLE proof.open_live (generation bigint NOT NULL);
INSERT INTO proof.open_live VALUES (1);
CREATE SEQUENCE proof.generation START 2;

CREATE MATERIALIZED VIEW proof.a_mv AS SELECT id, generation, good FROM proof.input;
CREATE MATERIALIZED VIEW proof.b_mv AS SELECT id, generation, good FROM proof.input;
CREATE MATERIALIZED VIEW proof.c_mv AS SELECT id, generation, good FROM proof.input;
CREATE MATERIALIZED VIEW proof.d_mv AS SELECT id, generation, good FROM proof.input;
CREATE MATERIALIZED VIEW proof.e_mv AS SELECT id, generation, good FROM proof.input;
CREATE UNIQUE INDEX ON proof.a_mv (id);
CREATE UNIQUE INDEX ON proof.b_mv (id);
CREATE UNIQUE INDEX ON proof.c_mv (id);
CREATE UNIQUE INDEX ON proof.d_mv (id);
CREATE UNIQUE INDEX ON proof.e_mv (id);

CREATE VIEW proof.one_v AS
SELECT id, a.generation::text || ':' || b.generation || ':' || l.generation AS state, a.good AND b.good AS good, date '2026-01-01' AS day
FROM proof.a_mv a JOIN proof.b_mv b USING (id) CROSS JOIN proof.live l;
CREATE VIEW proof.two_v AS
SELECT id, a.generation::text || ':' || c.generation AS state, a.good AND c.good AS good, date '2026-01-01' AS day
FROM proof.a_mv a JOIN proof.c_mv c USING (id);
CREATE VIEW proof.three_v AS SELECT id, state, good, day FROM proof.one_v;
CREATE VIEW proof.four_v AS
SELECT id, e.generation::text || ':' || l.generation AS state, e.good, date '2026-01-01' AS day FROM proof.e_mv e CROSS JOIN proof.open_live l;
CREATE VIEW proof.old_v AS SELECT id, d.generation::text AS state, d.good, date '2026-01-01' AS day FROM proof.d_mv d;

-- Where readers write what they read; emptied of what is a minute old.
CREATE UNLOGGED TABLE proof.sink (token text NOT NULL, state text NOT NULL, good boolean NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON proof.sink (token);

CREATE TABLE proof.gated (gated_id bigint GENERATED ALWAYS AS IDENTITY, xact xid8 NOT NULL DEFAULT pg_current_xact_id(), entrypoint text NOT NULL, state text);
CREATE INDEX ON proof.gated (xact);
CREATE TABLE proof.certified (history_id bigint PRIMARY KEY, state text);

-- The gate: what it sees is written down; it returns the rows that are bad.
CREATE FUNCTION proof.check_rows(p_entrypoint text) RETURNS TABLE (id int, state text) LANGUAGE plpgsql AS $$
DECLARE
  states text;
BEGIN
  EXECUTE format('SELECT string_agg(DISTINCT v.state, '','') FROM %s v', p_entrypoint) INTO states;
  INSERT INTO proof.gated (entrypoint, state) VALUES (p_entrypoint, states);
  RETURN QUERY EXECUTE format('SELECT v.id, v.state FROM %s v WHERE NOT v.good', p_entrypoint);
END
$$;

-- The next input; a bad one is told by its gate alone.
CREATE FUNCTION proof.next_input(p_good boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE proof.input SET generation = n, good = p_good FROM nextval('proof.generation') n
$$;

-- The runbook's way: plain REFRESH and verdict in one transaction.
CREATE PROCEDURE proof.old_refresh() LANGUAGE plpgsql AS $$
DECLARE
  bad int;
BEGIN
  REFRESH MATERIALIZED VIEW proof.d_mv;
  SELECT count(*) INTO bad FROM proof.check_rows('proof.old_v');
  UPDATE audit.t0_cert_registry SET status = CASE bad WHEN 0 THEN 'CERTIFIED' ELSE 'FAILED' END, certified_at = now() WHERE entrypoint = 'proof.old_v';
END
$$;
