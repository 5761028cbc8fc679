-- A small store of another kind than the sample: orders of a shop, one table step, text keys, times near midnight.
CREATE SCHEMA shop;

CREATE TABLE shop.orders (
  order_no text PRIMARY KEY,
  region text NOT NULL,
  placed_at timestamptz NOT NULL,
  amount numeric(12, 2) NOT NULL,
  scored_at timestamptz,
  score double precision
);

INSERT INTO shop.orders
SELECT 'A-' || n, 'r' || n % 3, timestamptz '2026-01-01 00:00:00Z' + n * interval '7 hours 40 minutes',
       10 + n % 50 + 0.25, timestamptz '2026-01-01 00:00:00Z' + n * interval '7 hours 40 minutes' + (n % 5) * interval '10 hours',
       n % 7 / 10.0
FROM generate_series(1, 200) n;

CREATE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(code) $$;

CREATE MATERIALIZED VIEW shop.daily_mv AS
SELECT placed_at::date AS day, region, sum(amount) AS total FROM shop.orders GROUP BY 1, 2;
CREATE UNIQUE INDEX ON shop.daily_mv (day, region);

-- Rebuilt by the SQL step, between the two materialized views.
CREATE TABLE shop.rates (region text PRIMARY KEY, rate numeric NOT NULL);
INSERT INTO shop.rates SELECT region, round(avg(total), 4) FROM shop.daily_mv WHERE day < '2026-02-01' GROUP BY region;

CREATE MATERIALIZED VIEW shop.orders_mv AS
SELECT o.order_no, o.region, o.placed_at, o.placed_at::date AS day, o.amount, r.rate, d.total AS day_total,
       o.scored_at <= o.placed_at + interval '24 hours' AS in_time,
       CASE WHEN o.scored_at <= o.placed_at + interval '24 hours' THEN o.score END AS late__score
FROM shop.orders o JOIN shop.rates r USING (region)
     JOIN shop.daily_mv d ON d.day = o.placed_at::date AND d.region = o.region;
CREATE UNIQUE INDEX ON shop.orders_mv (order_no);

CREATE VIEW shop.features_v AS
SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate, day_total, in_time, late__score FROM shop.orders_mv;

-- Not for the closure.
CREATE VIEW shop.returns_v AS SELECT order_no, amount > 40 AS returned FROM shop.orders;
