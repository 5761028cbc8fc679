-- The survival store, 6: photos, and the pipelines over them. Four in five are done within a day; the others finish days
-- late, or never, or one photo was added when all was done.

INSERT INTO "iPhone".iphone_image_pipeline
WITH listing AS MATERIALIZED (
  SELECT l.generation, l.listing_id, l.edited_date, pg_temp.digest('image:' || l.generation, l.listing_id) AS d
  FROM "iPhone".iphone_listings AS l
), timed AS (
  SELECT l.*, edited_date + make_interval(mins => 5 + pg_temp.u16(d, 1) % 300) AS downloaded
  FROM listing AS l
  WHERE pg_temp.u16(d, 0) % 100 >= 7                                   -- the others have no photo
)
SELECT generation, listing_id, downloaded,
       downloaded + make_interval(mins => 3 + pg_temp.u16(d, 2) % 200),
       CASE WHEN pg_temp.u16(d, 3) % 100 < 10 THEN downloaded + make_interval(hours => 24 + pg_temp.u16(d, 4) % 240)
            WHEN pg_temp.u16(d, 3) % 100 < 13 THEN NULL
            WHEN pg_temp.u16(d, 3) % 100 < 14 THEN edited_date + interval '24 hours'
            ELSE downloaded + make_interval(mins => 20 + pg_temp.u16(d, 4) % 600) END,
       CASE WHEN pg_temp.u16(d, 5) % 100 < 5 THEN downloaded + make_interval(hours => 24 + pg_temp.u16(d, 6) % 900)
            ELSE downloaded + make_interval(mins => 20 + pg_temp.u16(d, 6) % 400) END,
       CASE WHEN pg_temp.u16(d, 7) % 30 = 0 THEN 'NaN'::double precision
            ELSE ((pg_temp.u16(d, 7) % 20001) / 100.0)::double precision END,
       CASE WHEN pg_temp.u16(d, 8) % 6 > 0 THEN
         (ARRAY['a phone on a table', 'a phone in a "box"', 'two phones', 'a hand, holding a phone'])[1 + pg_temp.u16(d, 8) % 4] END,
       CASE WHEN pg_temp.u16(d, 9) % 8 > 0 THEN
         jsonb_build_object('cracks', pg_temp.u16(d, 10) % 7 / 4, 'scratches', pg_temp.u16(d, 11) % 9,
                            'score', (pg_temp.u16(d, 12) % 10001) / 10000.0,
                            'parts', CASE pg_temp.u16(d, 13) % 3 WHEN 0 THEN '[]' WHEN 1 THEN '["back"]' ELSE '["front", "frame"]' END::jsonb)
       END
FROM timed;

INSERT INTO "iPhone".iphone_image_assets
WITH listing AS MATERIALIZED (
  SELECT p.generation, p.listing_id, p.download_done_at, pg_temp.digest('asset:' || p.generation, p.listing_id) AS d
  FROM "iPhone".iphone_image_pipeline AS p
)
SELECT generation, listing_id, n.image_no,
       download_done_at + CASE WHEN n.image_no > 1 AND pg_temp.u16(d, 1) % 25 = 0 THEN make_interval(hours => 30 + pg_temp.u16(d, 2) % 500)
                               ELSE make_interval(secs => -n.image_no) END,
       (ARRAY[640, 1080, 1600])[1 + pg_temp.u16(d, 3) % 3], (ARRAY[480, 1440, 1200])[1 + pg_temp.u16(d, 4) % 3],
       CASE WHEN pg_temp.u16(d, 4 + n.image_no) % 20 > 0 THEN (pg_temp.u16(d, 4 + n.image_no) % 10000) / 10000.0 END
FROM listing CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.u16(d, 0) % 6) AS n (image_no);

ANALYZE "iPhone".iphone_image_pipeline, "iPhone".iphone_image_assets;

DROP FUNCTION pg_temp.u16(bytea, integer), pg_temp.digest(text, bigint);
