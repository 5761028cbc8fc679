-- The survival store, 3: reference data, and the functions that the closure calls.

CREATE TABLE ref.geo_mapping_release (
  release_id   text        PRIMARY KEY,
  released_at  timestamptz NOT NULL,
  note         text
);

CREATE TABLE ref.postal_code_to_super_metro (
  release_id   text    NOT NULL REFERENCES ref.geo_mapping_release,
  postal_code  text    NOT NULL,
  super_metro  text    NOT NULL,
  PRIMARY KEY (release_id, postal_code)
);

CREATE TABLE ref.city_to_super_metro (
  release_id   text    NOT NULL REFERENCES ref.geo_mapping_release,
  city         text    NOT NULL,
  super_metro  text    NOT NULL,
  PRIMARY KEY (release_id, city)
);

-- "Current" moves whenever a release is loaded: history would be rewritten. Forbidden in the closure.
CREATE VIEW ref.geo_mapping_current AS
SELECT release_id
FROM ref.geo_mapping_release
ORDER BY released_at DESC, release_id DESC
LIMIT 1;

-- The release that the store is pinned to: exactly one row.
CREATE TABLE ref.geo_mapping_pinned_super_metro_v4_v1 (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  release_id   text NOT NULL REFERENCES ref.geo_mapping_release
);

-- List price at launch: what "value" in price to value starts from.
CREATE TABLE ref.device_list_price (
  generation  smallint      NOT NULL,
  storage_gb  integer       NOT NULL,
  launched_on date          NOT NULL,
  list_price  numeric(10, 2) NOT NULL,
  PRIMARY KEY (generation, storage_gb)
);

-- Immutable, whatever the server's locale: only ASCII and the three letters named here change case.
CREATE FUNCTION ref.norm_city(p_city text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN nullif(
  btrim(regexp_replace(translate(p_city, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ', 'abcdefghijklmnopqrstuvwxyzæøå'),
                       '[ \t\r\n]+', ' ', 'g')),
  '');

-- 'N-0150', '0150 Oslo', ' 150' are all 0150; what holds no code, or more than four digits, is nothing.
CREATE FUNCTION ref.norm_postal_code(p_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
           WHEN pg_catalog.length(pg_catalog.regexp_replace(p_code, '[^0-9]', '', 'g')) BETWEEN 1 AND 4
             THEN pg_catalog.lpad(pg_catalog.regexp_replace(p_code, '[^0-9]', '', 'g'), 4, '0')
         END
$$;

CREATE FUNCTION ml.storage_bucket(p_storage_gb integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_storage_gb >= 900 THEN 1024
  WHEN p_storage_gb >= 500 THEN 512
  WHEN p_storage_gb >= 250 THEN 256
  WHEN p_storage_gb >= 120 THEN 128
END;

CREATE FUNCTION ml.ptv_bucket(p_ptv numeric) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_ptv < 0.5 THEN NULL
  WHEN p_ptv < 0.8 THEN 1
  WHEN p_ptv < 0.9 THEN 2
  WHEN p_ptv < 1.0 THEN 3
  WHEN p_ptv < 1.1 THEN 4
  WHEN p_ptv < 1.2 THEN 5
  WHEN p_ptv < 1.4 THEN 6
  WHEN p_ptv >= 1.4 THEN 7
END;

INSERT INTO ref.geo_mapping_release VALUES
  ('super_metro_v3', '2023-09-01 00:00:00+00', 'retired'),
  ('super_metro_v4', '2024-06-01 00:00:00+00', 'the store is pinned to this one'),
  ('super_metro_v5', '2026-02-01 00:00:00+00', 'moves the border between east and inland');

INSERT INTO ref.geo_mapping_pinned_super_metro_v4_v1 (release_id) VALUES ('super_metro_v4');

-- Postal codes: every fourth code from 0001 on, so that many a listing has to fall back on its city.
INSERT INTO ref.postal_code_to_super_metro
SELECT r.release_id, lpad(c.code::text, 4, '0'),
       CASE
         WHEN c.code < 1300 THEN 'oslo'
         WHEN c.code < 2000 THEN CASE WHEN r.release_id = 'super_metro_v5' THEN 'inland' ELSE 'east' END
         WHEN c.code < 3000 THEN 'inland'
         WHEN c.code < 4000 THEN 'east'
         WHEN c.code < 5000 THEN 'stavanger'
         WHEN c.code < 7000 THEN 'bergen'
         WHEN c.code < 8000 THEN 'trondheim'
         ELSE 'north'
       END
FROM ref.geo_mapping_release AS r CROSS JOIN generate_series(1, 9997, 4) AS c (code);

INSERT INTO ref.city_to_super_metro
SELECT r.release_id, c.city, c.super_metro
FROM ref.geo_mapping_release AS r
CROSS JOIN (VALUES
  ('oslo', 'oslo'), ('bergen', 'bergen'), ('trondheim', 'trondheim'), ('stavanger', 'stavanger'),
  ('tromsø', 'north'), ('bodø', 'north'), ('ålesund', 'bergen'), ('hamar', 'inland'), ('lillehammer', 'inland'),
  ('drammen', 'east'), ('fredrikstad', 'east'), ('mo i rana', 'north')) AS c (city, super_metro)
WHERE NOT (r.release_id = 'super_metro_v3' AND c.city = 'mo i rana');

INSERT INTO ref.device_list_price
SELECT g.generation, s.storage_gb, g.launched_on, g.base_price + s.extra
FROM (VALUES (12, DATE '2020-10-23', 9990.00), (13, DATE '2021-09-24', 10490.00), (14, DATE '2022-09-16', 11990.00),
             (15, DATE '2023-09-22', 12490.00), (16, DATE '2024-09-20', 12990.00)) AS g (generation, launched_on, base_price)
CROSS JOIN (VALUES (64, 0), (128, 600), (256, 1800), (512, 4300), (1024, 6800)) AS s (storage_gb, extra);

ANALYZE ref.geo_mapping_release, ref.postal_code_to_super_metro, ref.city_to_super_metro, ref.device_list_price,
        ref.geo_mapping_pinned_super_metro_v4_v1;
