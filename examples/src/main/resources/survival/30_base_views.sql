-- The survival store, 7: base views. One row a listing_id; what is computed here holds at T0 and never changes later.
--
-- Rules of the house, from here to the entrypoint:
--   * a day is (timestamptz AT TIME ZONE 'UTC')::date, a span is a difference of two timestamptz: neither depends on the
--     session, where ::date and timestamptz + interval do;
--   * sums run over integers or numeric, never over floating point, whose sum depends on the order of the rows;
--   * wherever an order matters it is complete, and text is compared by its bytes.

-- A listing_id may appear under two generations. The first edit stays: a row that comes later must not change an older one.
CREATE MATERIALIZED VIEW ml.tom_features_v1_mv AS
SELECT DISTINCT ON (l.listing_id)
       l.generation,
       l.listing_id,
       l.edited_date,
       (l.edited_date AT TIME ZONE 'UTC')::date AS edited_day,
       l.title,
       length(l.title) AS title_length,
       l.storage_gb,
       l.condition,
       coalesce(l.original_price, l.price) AS price,
       l.postal_code,
       l.city,
       l."sellerRating",
       l."user",
       l."order",
       l."Free Shipping?",
       l.tags,
       coalesce(cardinality(l.tags), 0) AS tag_count,
       l.attributes,
       floor(extract(epoch FROM l.edited_date - l.first_seen) / 60)::integer AS minutes_listed_at_t0
FROM "iPhone".iphone_listings AS l
ORDER BY l.listing_id, l.edited_date, l.generation;

CREATE UNIQUE INDEX tom_features_v1_mv_key ON ml.tom_features_v1_mv (listing_id);
ANALYZE ml.tom_features_v1_mv;

-- Price to value: the price against the launch price, less 2 % of it for every 73 days since (at least 30 % stay), times the condition.
CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_mv AS
SELECT v.*,
       round(v.price / nullif(v.value_at_t0, 0), 4) AS ptv_final,
       ml.ptv_bucket(round(v.price / nullif(v.value_at_t0, 0), 4)) AS ptv_bucket,
       coalesce(v.title LIKE '%!!!%' OR v.title LIKE '%WhatsApp%' OR v.price IN (1, 123, 1234, 12345), false) AS is_spam
FROM (
  SELECT f.*,
         ml.storage_bucket(f.storage_gb) AS sbucket,
         f.edited_day - p.launched_on AS days_since_launch,
         round(p.list_price * greatest(30, 92 - 2 * ((f.edited_day - p.launched_on) / 73))
                 * CASE f.condition WHEN 'Helt ny' THEN 100 WHEN 'Som ny' THEN 93 WHEN 'Pent brukt' THEN 86
                                    WHEN 'Godt brukt' THEN 75 WHEN 'Defekt' THEN 55 END / 10000, 2) AS value_at_t0
  FROM ml.tom_features_v1_mv AS f
  LEFT JOIN ref.device_list_price AS p ON p.generation = f.generation AND p.storage_gb = f.storage_gb
) AS v;

CREATE UNIQUE INDEX tom_features_v1_enriched_mv_key ON ml.tom_features_v1_enriched_mv (listing_id);
ANALYZE ml.tom_features_v1_enriched_mv;

CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_clean_mv AS
SELECT e.*
FROM ml.tom_features_v1_enriched_mv AS e
WHERE NOT e.is_spam AND e.price > 0;

CREATE UNIQUE INDEX tom_features_v1_enriched_clean_mv_key ON ml.tom_features_v1_enriched_clean_mv (listing_id);
ANALYZE ml.tom_features_v1_enriched_clean_mv;

-- Sales, with the cell of the speed anchors they count for. Sales that fit no cell teach nothing and stay out.
CREATE MATERIALIZED VIEW ml.sold_durations_v1_mv AS
SELECT e.listing_id,
       e.generation,
       e.sbucket,
       e.ptv_bucket,
       (l.sold_date AT TIME ZONE 'UTC')::date AS sold_day,
       floor(extract(epoch FROM l.sold_date - l.edited_date) / 60)::integer AS duration_minutes,
       round(extract(epoch FROM l.sold_date - l.edited_date)::numeric / 3600, 2) AS duration_hours
FROM ml.tom_features_v1_enriched_clean_mv AS e
JOIN "iPhone".iphone_listings AS l ON l.generation = e.generation AND l.listing_id = e.listing_id
WHERE l.status = 'sold' AND l.sold_date >= l.edited_date AND e.sbucket IS NOT NULL AND e.ptv_bucket IS NOT NULL
ORDER BY e.generation, e.sbucket, e.ptv_bucket, sold_day, e.listing_id;

CREATE UNIQUE INDEX sold_durations_v1_mv_key ON ml.sold_durations_v1_mv (listing_id);
-- The speed anchors look up 90 days of one cell through this one.
CREATE INDEX sold_durations_v1_mv_cell ON ml.sold_durations_v1_mv (generation, sbucket, ptv_bucket, sold_day)
  INCLUDE (duration_minutes, listing_id);
ANALYZE ml.sold_durations_v1_mv;
