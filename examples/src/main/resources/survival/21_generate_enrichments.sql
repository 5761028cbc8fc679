-- The survival store, 5: what language models said about the listings, zero to three versions each. Some in time, some
-- after T0 + 24 h, some exactly at the limit, and now and then two at the very same moment.

INSERT INTO "iPhone".iphone_ai_enrich
WITH listing AS MATERIALIZED (
  SELECT l.generation, l.listing_id, l.edited_date, pg_temp.digest('enrich:' || l.generation, l.listing_id) AS d
  FROM "iPhone".iphone_listings AS l
), version AS (
  SELECT l.*, v.version, v.version * 8 AS o,
         CASE v.version
           WHEN 1 THEN make_interval(mins => pg_temp.u16(d, 0) % 1500)                     -- up to 25 h
           WHEN 2 THEN CASE WHEN pg_temp.u16(d, 1) % 50 = 0 THEN interval '24 hours'       -- still in time
                            WHEN pg_temp.u16(d, 1) % 50 = 1 THEN interval '24 hours 0.000001 seconds'
                            WHEN pg_temp.u16(d, 1) % 50 = 2 THEN make_interval(mins => pg_temp.u16(d, 0) % 1500)
                            ELSE make_interval(mins => 600 + pg_temp.u16(d, 2) % 3000) END -- 10 to 60 h
           ELSE make_interval(hours => 72 + pg_temp.u16(d, 3) % 2000)                      -- days late
         END AS delay
  FROM listing AS l CROSS JOIN generate_series(1, 3) AS v (version)
  WHERE v.version <= CASE WHEN pg_temp.u16(d, 4) % 100 < 8 THEN 0
                          WHEN pg_temp.u16(d, 4) % 100 < 45 THEN 1
                          WHEN pg_temp.u16(d, 4) % 100 < 80 THEN 2 ELSE 3 END
)
SELECT generation, listing_id, version, edited_date + delay,
       (ARRAY['gist-small', 'gist-large', 'gist-large-2'])[version],
       CASE WHEN pg_temp.u16(d, o) % 100 < 3 THEN 'not_sold'
            WHEN pg_temp.u16(d, o) % 100 < 9 THEN NULL
            ELSE (ARRAY['asking', 'obo', 'firm', 'bids'])[1 + pg_temp.u16(d, o) % 4] END,
       CASE WHEN pg_temp.u16(d, o + 1) % 40 = 0 THEN 'NaN'::double precision
            ELSE ((pg_temp.u16(d, o + 1) % 10001) / 10000.0)::double precision END,
       CASE pg_temp.u16(d, o + 2) % 4
         WHEN 0 THEN NULL WHEN 1 THEN ARRAY['scratch']
         WHEN 2 THEN ARRAY['cracked glass', 'battery'] ELSE ARRAY[]::text[] END,
       CASE WHEN pg_temp.u16(d, o + 3) % 9 > 0 THEN
         jsonb_build_object('urgency', pg_temp.u16(d, o + 3) % 5, 'words', pg_temp.u16(d, o + 4) % 300,
                            'reasons', CASE WHEN pg_temp.u16(d, o + 4) % 2 = 0 THEN jsonb_build_array('upgrade', NULL) END)
       END
FROM version;

ANALYZE "iPhone".iphone_ai_enrich;
