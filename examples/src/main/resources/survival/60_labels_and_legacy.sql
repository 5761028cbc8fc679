-- The survival store, 13: labels, and what is left of older versions. None of it may appear in the entrypoint's closure.

-- Labels know the outcome. Training joins them downstream; a feature must not.
CREATE MATERIALIZED VIEW ml.tom_labels_v1_mv AS
SELECT f.generation,
       f.listing_id,
       l.status = 'sold' AS is_sold,
       round(extract(epoch FROM coalesce(l.sold_date, l.last_seen) - l.edited_date)::numeric / 3600, 2) AS duration_hours
FROM ml.tom_features_v1_mv AS f
JOIN "iPhone".iphone_listings AS l ON l.generation = f.generation AND l.listing_id = f.listing_id;

CREATE UNIQUE INDEX tom_labels_v1_mv_key ON ml.tom_labels_v1_mv (listing_id);

-- Legacy: anchors as of the day of the refresh, for listings of any day. They know the future of almost all of them.
CREATE MATERIALIZED VIEW ml.tom_speed_anchor_v1_mv AS
SELECT s.generation,
       s.sbucket,
       s.ptv_bucket,
       sum(power(0.5, (CURRENT_DATE - s.sold_day) / 90.0) * CASE WHEN s.duration_hours <= 24 THEN 1 ELSE 0 END)
         / sum(power(0.5, (CURRENT_DATE - s.sold_day) / 90.0)) AS speed_fast24_anchor,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.duration_hours::double precision) AS speed_median_hours_ptv
FROM ml.sold_durations_v1_mv AS s
WHERE s.sold_day <= CURRENT_DATE
GROUP BY s.generation, s.sbucket, s.ptv_bucket;

CREATE UNIQUE INDEX tom_speed_anchor_v1_mv_key ON ml.tom_speed_anchor_v1_mv (generation, sbucket, ptv_bucket);

CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_speed_mv AS
SELECT e.*, a.speed_fast24_anchor, a.speed_median_hours_ptv
FROM ml.tom_features_v1_enriched_clean_mv AS e
LEFT JOIN ml.tom_speed_anchor_v1_mv AS a
  ON a.generation = e.generation AND a.sbucket = e.sbucket AND a.ptv_bucket = e.ptv_bucket;

CREATE UNIQUE INDEX tom_features_v1_enriched_speed_mv_key ON ml.tom_features_v1_enriched_speed_mv (listing_id);

-- Legacy: the newest enrichment, whenever it came.
CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_ai_clean_mv AS
SELECT f.*, a.sale_mode, a.confidence AS ai_confidence, a.updated_at AS ai_updated_at
FROM ml.tom_features_v1_enriched_speed_mv AS f
LEFT JOIN (
  SELECT DISTINCT ON (x.generation, x.listing_id) x.*
  FROM "iPhone".iphone_ai_enrich AS x
  ORDER BY x.generation, x.listing_id, x.updated_at DESC, x.version DESC
) AS a ON a.generation = f.generation AND a.listing_id = f.listing_id
WHERE a.sale_mode IS DISTINCT FROM 'not_sold';

CREATE UNIQUE INDEX tom_features_v1_enriched_ai_clean_mv_key ON ml.tom_features_v1_enriched_ai_clean_mv (listing_id);

-- Legacy: the mapping that happens to be current.
CREATE VIEW ml.geo_dim_super_metro_v4_current_v AS
SELECT 'postal_code' AS code_kind, p.postal_code AS code, p.super_metro, p.release_id
FROM ref.postal_code_to_super_metro AS p JOIN ref.geo_mapping_current AS c ON c.release_id = p.release_id
UNION ALL
SELECT 'city', t.city, t.super_metro, t.release_id
FROM ref.city_to_super_metro AS t JOIN ref.geo_mapping_current AS c ON c.release_id = t.release_id;

-- Legacy: features and labels side by side.
CREATE VIEW ml.v_anchor_speed_train_base_rich_v1 AS
SELECT f.*, y.is_sold, y.duration_hours, g.super_metro
FROM ml.tom_features_v1_enriched_ai_clean_mv AS f
JOIN ml.tom_labels_v1_mv AS y ON y.listing_id = f.listing_id
LEFT JOIN ml.geo_dim_super_metro_v4_current_v AS g
  ON g.code_kind = 'postal_code' AND g.code = ref.norm_postal_code(f.postal_code);

ANALYZE ml.tom_labels_v1_mv, ml.tom_speed_anchor_v1_mv, ml.tom_features_v1_enriched_speed_mv,
        ml.tom_features_v1_enriched_ai_clean_mv;
