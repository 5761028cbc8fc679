-- A small store for the tests of the audit schema: two materialized views, one of them behind a function, and a plain view as entrypoint.
CREATE SCHEMA shop;
CREATE SCHEMA legacy;

CREATE TABLE shop.sale (
  shop int, sale_id bigint, sold_at timestamptz NOT NULL, price numeric(10, 2), weight float8, "in time" boolean, sharpness float8, title text, "now" text,
  PRIMARY KEY (shop, sale_id));
INSERT INTO shop.sale
SELECT 1 + n % 3, n, timestamptz '2026-01-01 00:00+00' + n * interval '5 hours', 10 + n % 90, n / 7.0::float8, n % 4 <> 0, n % 11, 'Title ' || n, 'then'
FROM generate_series(1, 480) n;

CREATE TABLE shop.release (number int, name text);
INSERT INTO shop.release VALUES (4, 'four');

CREATE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT pg_catalog.lower(p) $$;

CREATE MATERIALIZED VIEW shop.base_mv AS
SELECT shop, sale_id, sold_at, price, weight, "in time", sharpness, shop.clean(title) AS title, "now" FROM shop.sale;
CREATE UNIQUE INDEX ON shop.base_mv (shop, sale_id);

CREATE MATERIALIZED VIEW shop.daily_mv AS
SELECT (sold_at AT TIME ZONE 'UTC')::date AS day, count(*) AS sales FROM shop.base_mv GROUP BY 1;
CREATE UNIQUE INDEX ON shop.daily_mv (day);

CREATE VIEW shop.features_v AS
SELECT b.shop, b.sale_id, b.sold_at, b.price, b.weight, b."in time", b.title, b."now", d.sales, r.name AS release,
       CASE WHEN b."in time" THEN b.sharpness END AS img__sharpness, 'always' AS imgab_note
FROM shop.base_mv b JOIN shop.daily_mv d ON d.day = (b.sold_at AT TIME ZONE 'UTC')::date CROSS JOIN shop.release r;

CREATE MATERIALIZED VIEW legacy.labels_mv AS SELECT shop, sale_id, price > 50 AS label FROM shop.sale;
