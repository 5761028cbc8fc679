-- The survival store, 4: listings.
--
-- Deterministic: every value comes from a hash of the listing's number, none from random() or a clock, and none passes
-- through floating point, so that all servers of all versions make the same rows. Settings, all optional:
--   survival.listings  how many (5000);   survival.days  over how many days (600);   survival.end  last day (2026-06-30)

-- 32 numbers of 16 bits hide in one SHA-512.
CREATE OR REPLACE FUNCTION pg_temp.digest(p_topic text, p_number bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$ SELECT sha512((p_topic || ':' || p_number)::bytea) $$;
CREATE OR REPLACE FUNCTION pg_temp.u16(p_digest bytea, p_index integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$ SELECT get_byte(p_digest, 2 * p_index) * 256 + get_byte(p_digest, 2 * p_index + 1) $$;

INSERT INTO "iPhone".iphone_listings (
  generation, listing_id, title, storage_gb, condition, price, original_price, price_backfilled_at, postal_code, city,
  "sellerRating", "user", "order", "Free Shipping?", tags, device_meta, attributes, first_seen, edited_date, status,
  sold_date, last_seen)
WITH setting AS MATERIALIZED (
  SELECT s.listings, s.days, (s.last_day + 1)::timestamp AT TIME ZONE 'UTC' AS data_end,
         (s.last_day + 1 - s.days)::timestamp AT TIME ZONE 'UTC' AS data_start
  FROM (SELECT coalesce(nullif(current_setting('survival.listings', true), ''), '5000')::bigint AS listings,
               coalesce(nullif(current_setting('survival.days', true), ''), '600')::integer AS days,
               coalesce(nullif(current_setting('survival.end', true), ''), '2026-06-30')::date AS last_day) AS s
), numbered AS MATERIALIZED (
  SELECT n.i, pg_temp.digest('listing', n.i) AS d, s.data_start, s.data_end,
         -- Ids grow with time, as on any marketplace; a day and a half of hash on top.
         s.data_start + make_interval(secs => ((n.i - 1) * s.days * 86400) / s.listings) AS even_time
  FROM setting AS s CROSS JOIN LATERAL generate_series(1, s.listings) AS n (i)
), placed AS (
  SELECT n.*,
         least(greatest(n.even_time + make_interval(secs => (pg_temp.u16(d, 0) - 32768) * 4 + pg_temp.u16(d, 1) % 60),
                        n.data_start),
               n.data_end - interval '1 second') AS some_time
  FROM numbered AS n
), timed AS (
  SELECT p.*,
         CASE
           -- One in 29 lies within seconds of midnight UTC: another TimeZone's ::date moves it to another day.
           WHEN u.midnight < 65536 / 29 AND p.some_time > p.data_start + interval '25 hours' THEN
             (date_trunc('day', p.some_time AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
               + (ARRAY['0 seconds', '-0.000001 seconds', '1 second', '-1 second', '59.5 seconds']::interval[])[1 + u.midnight % 5]
           ELSE p.some_time
         END AS edited_date
  FROM placed AS p CROSS JOIN LATERAL (SELECT pg_temp.u16(p.d, 2) AS midnight) AS u
), device AS (
  SELECT t.*,
         (12 + pg_temp.u16(d, 3) % 5)::smallint AS generation,
         (ARRAY[64, 128, 128, 128, 256, 256, 256, 512, 512, 1024])[1 + pg_temp.u16(d, 4) % 10] AS storage_gb,
         1 + pg_temp.u16(d, 5) % 5 AS condition_no,
         pg_temp.u16(d, 6) % 1000 AS kind,                       -- below 40: spam
         -- Mostly 55 to 145 % of the value; a bargain now and then.
         CASE WHEN pg_temp.u16(d, 6) % 1000 BETWEEN 40 AND 54 THEN 35
              ELSE 55 + (pg_temp.u16(d, 7) % 41) + (pg_temp.u16(d, 8) % 51) END AS ptv_pct,
         1 + pg_temp.u16(d, 9) % 12 AS city_no
  FROM timed AS t
), worth AS (
  SELECT v.*,
         round(l.list_price * greatest(30, 92 - 2 * ((v.edited_date AT TIME ZONE 'UTC')::date - l.launched_on) / 73)
                 * (ARRAY[100, 93, 86, 75, 55])[v.condition_no] / 10000, 2) AS value
  FROM device AS v JOIN ref.device_list_price AS l USING (generation, storage_gb)
), priced AS (
  SELECT w.*,
         CASE
           WHEN kind < 12 THEN (ARRAY[1, 123, 1234, 12345])[1 + kind % 4]
           WHEN kind < 18 THEN NULL
           ELSE greatest(100, round(value * ptv_pct / 1000) * 10)
         END::numeric(12, 2) AS price,
         -- Hours to the sale, by an interpolated table of quantiles; who asks much, waits.
         (q.hours[1 + q.cell] * 60 + (q.hours[2 + q.cell] - q.hours[1 + q.cell]) * 60 * q.rest / 4096)
           * ptv_pct / 100 * ptv_pct / 100 + 7 AS minutes_to_sale
  FROM worth AS w
  CROSS JOIN LATERAL (SELECT ARRAY[0, 2, 6, 12, 20, 32, 48, 72, 110, 160, 230, 330, 480, 680, 960, 1400, 2600] AS hours,
                             pg_temp.u16(w.d, 10) / 4096 AS cell, pg_temp.u16(w.d, 10) % 4096 AS rest) AS q
), ended AS (
  SELECT p.*, pg_temp.u16(d, 11) % 100 >= 22 AND edited_date + make_interval(mins => minutes_to_sale) < data_end AS is_sold
  FROM priced AS p
)
SELECT
  e.generation,
  100000000 + e.i * 7,
  CASE
    WHEN kind < 12 THEN 'iPhone ' || generation || ' ØNSKES KJØPT!!! ring i dag'
    WHEN kind BETWEEN 18 AND 39 THEN 'BILLIG iPhone ' || generation || ' - WhatsApp +47 ' || 40000000 + pg_temp.u16(d, 12)
    ELSE 'iPhone ' || generation || (ARRAY['', ' Pro', ' Pro Max', ' "mini"', E' \t Plus'])[1 + pg_temp.u16(d, 13) % 5]
           || ' ' || storage_gb || 'GB' || (ARRAY['', ' som ny', ', pent brukt', ' – d''n beste', ' knust glass \ selges som delebil'])[condition_no]
  END,
  CASE WHEN pg_temp.u16(d, 14) % 60 > 0 THEN storage_gb END,
  (ARRAY['Helt ny', 'Som ny', 'Pent brukt', 'Godt brukt', 'Defekt'])[condition_no],
  -- One in 40 was backfilled later, with care: original_price says what was asked at T0.
  CASE WHEN pg_temp.u16(d, 15) % 40 = 0 THEN round(price * 1.07, 2) ELSE price END,
  CASE WHEN pg_temp.u16(d, 15) % 40 = 0 THEN price END,
  CASE WHEN pg_temp.u16(d, 15) % 40 = 0 AND price IS NOT NULL THEN edited_date + make_interval(hours => 24 * 40 + pg_temp.u16(d, 16) % 999) END,
  CASE pg_temp.u16(d, 17) % 12
    WHEN 0 THEN NULL
    WHEN 1 THEN 'N-' || lpad((pg_temp.u16(d, 18) % 9999)::text, 4, '0')
    WHEN 2 THEN '  ' || pg_temp.u16(d, 18) % 9999
    WHEN 3 THEN lpad((pg_temp.u16(d, 18) % 9999)::text, 4, '0') || ' NORGE'
    WHEN 4 THEN '99-99-99'
    ELSE lpad((pg_temp.u16(d, 18) % 9999)::text, 4, '0')
  END,
  CASE WHEN pg_temp.u16(d, 19) % 20 > 0 THEN
    (ARRAY['Oslo', 'BERGEN', 'Trondheim ', 'stavanger', 'TROMSØ', 'Bodø', 'Ålesund', 'Hamar', 'Drammen', 'Mo  i Rana',
           'Svolvær', ''])[city_no]
  END,
  CASE WHEN pg_temp.u16(d, 20) % 25 = 0 THEN 'NaN'::double precision
       WHEN pg_temp.u16(d, 20) % 25 > 3 THEN (round(6 + (pg_temp.u16(d, 21) % 41) / 10.0, 1))::double precision END,
  'user' || pg_temp.u16(d, 22) % 4000,
  1 + pg_temp.u16(d, 23) % 50,
  CASE WHEN pg_temp.u16(d, 24) % 3 < 2 THEN pg_temp.u16(d, 24) % 3 = 1 END,
  CASE pg_temp.u16(d, 25) % 5
    WHEN 0 THEN NULL
    WHEN 1 THEN ARRAY[]::text[]
    WHEN 2 THEN ARRAY['kvittering', NULL, 'original "eske"']
    WHEN 3 THEN ARRAY['hurtig, enkel handel']
    ELSE ARRAY['kvittering', 'garanti']
  END,
  CASE WHEN pg_temp.u16(d, 26) % 15 > 0 THEN
    ('{"color":  "' || (ARRAY['Black', 'Blue', 'Midnight', 'Starlight', 'Natural Titanium', 'Rød'])[1 + pg_temp.u16(d, 27) % 6]
      || '", "Battery %": ' || CASE WHEN pg_temp.u16(d, 28) % 6 = 0 THEN 'null' ELSE (70 + pg_temp.u16(d, 28) % 31)::text END
      || ', "lock": ' || (pg_temp.u16(d, 29) % 17 = 0)::text || ',"accessories":["box"'
      || CASE WHEN pg_temp.u16(d, 29) % 2 = 0 THEN ', "charger"' ELSE '' END || ']}')::json
  END,
  CASE WHEN pg_temp.u16(d, 30) % 4 > 0 THEN
    jsonb_build_object('negotiable', pg_temp.u16(d, 30) % 2 = 0, 'views', pg_temp.u16(d, 31), 'trade-in', NULL)
  END,
  edited_date - make_interval(mins => pg_temp.u16(d, 21) % 4000),
  edited_date,
  CASE WHEN is_sold THEN 'sold' WHEN pg_temp.u16(d, 11) % 100 < 6 THEN 'removed' ELSE 'open' END,
  CASE WHEN is_sold THEN edited_date + make_interval(mins => minutes_to_sale) END,
  CASE WHEN is_sold THEN edited_date + make_interval(mins => minutes_to_sale) + interval '2 hours'
       WHEN pg_temp.u16(d, 11) % 100 < 6 THEN least(data_end, edited_date + interval '720 hours')
       ELSE data_end END
FROM ended AS e;

-- One in 97 comes back under the next generation, with the same id: the seller had picked the wrong model.
INSERT INTO "iPhone".iphone_listings
SELECT (generation + 1)::smallint, listing_id, title || ' (rettet)', storage_gb, condition, price, NULL, NULL, postal_code,
       city, "sellerRating", "user", "order", "Free Shipping?", tags, device_meta, attributes, first_seen,
       edited_date + interval '20 hours' + make_interval(hours => (listing_id % 240)::integer),
       'open', NULL, greatest(last_seen, edited_date + interval '720 hours')
FROM "iPhone".iphone_listings
WHERE ((listing_id - 100000000) / 7) % 97 = 0 AND generation < 16
  AND edited_date + interval '260 hours' < (SELECT max(last_seen) FROM "iPhone".iphone_listings);

CREATE INDEX ON "iPhone".iphone_listings (edited_date);
ANALYZE "iPhone".iphone_listings;
