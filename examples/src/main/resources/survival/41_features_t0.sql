-- The survival store, 9: the two feature views on top of the clean base.

CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_speed_t0_v1_mv AS
SELECT e.*,
       a.anchor_day,
       a.speed_fast24_anchor,
       a.speed_fast7_anchor,
       a.speed_slow21_anchor,
       a.speed_median_hours_ptv,
       a.speed_n_eff_ptv,
       a.min_sold_day_used,
       a.max_sold_day_used
FROM ml.tom_features_v1_enriched_clean_mv AS e
LEFT JOIN ml.tom_speed_anchor_asof_v1_mv AS a
  ON a.anchor_day = e.edited_day AND a.generation = e.generation AND a.sbucket = e.sbucket AND a.ptv_bucket = e.ptv_bucket;

CREATE UNIQUE INDEX tom_features_v1_enriched_speed_t0_v1_mv_key ON ml.tom_features_v1_enriched_speed_t0_v1_mv (listing_id);
ANALYZE ml.tom_features_v1_enriched_speed_t0_v1_mv;

-- The newest enrichment that was there 24 hours after T0. What the model called not for sale then is no listing.
CREATE MATERIALIZED VIEW ml.tom_features_v1_enriched_ai_clean_t0_v1_mv AS
SELECT f.*,
       a.sale_mode,
       a.confidence AS ai_confidence,
       a.tags AS ai_tags,
       a.attributes AS ai_attributes,
       a.updated_at AS ai_updated_at,
       a.model AS ai_model,
       a.version AS ai_version
FROM ml.tom_features_v1_enriched_speed_t0_v1_mv AS f
LEFT JOIN (
  SELECT DISTINCT ON (x.generation, x.listing_id) x.*
  FROM "iPhone".iphone_ai_enrich AS x
  JOIN ml.tom_features_v1_enriched_speed_t0_v1_mv AS t ON t.generation = x.generation AND t.listing_id = x.listing_id
  WHERE x.updated_at - t.edited_date <= interval '24 hours'
  ORDER BY x.generation, x.listing_id, x.updated_at DESC, x.version DESC
) AS a ON a.generation = f.generation AND a.listing_id = f.listing_id
WHERE a.sale_mode IS DISTINCT FROM 'not_sold';

CREATE UNIQUE INDEX tom_features_v1_enriched_ai_clean_t0_v1_mv_key
  ON ml.tom_features_v1_enriched_ai_clean_t0_v1_mv (listing_id);
ANALYZE ml.tom_features_v1_enriched_ai_clean_t0_v1_mv;
