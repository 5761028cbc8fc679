-- The survival store, 10: photos, damage, device. One row a (generation, listing_id), each at its own T0.

-- img_within_sla: every pipeline was done, and every photo there, within 24 hours of T0. Otherwise nothing of it existed
-- when the listing was judged, and every feature is NULL.
CREATE MATERIALIZED VIEW ml.iphone_image_features_unified_t0_v1_mv AS
SELECT k.generation,
       k.listing_id,
       k.edited_date,
       k.img_within_sla,
       CASE WHEN k.img_within_sla THEN k.photos END AS photos,
       CASE WHEN k.img_within_sla THEN k.quality_mean END AS quality_mean,
       CASE WHEN k.img_within_sla THEN k.quality_scores END AS quality_scores,
       CASE WHEN k.img_within_sla THEN k.megapixels END AS megapixels,
       CASE WHEN k.img_within_sla THEN k.sharpness END AS sharpness,
       CASE WHEN k.img_within_sla THEN k.caption END AS caption
FROM (
  SELECT l.generation,
         l.listing_id,
         l.edited_date,
         coalesce(
           p.download_done_at - l.edited_date <= interval '24 hours'
             AND p.quality_done_at - l.edited_date <= interval '24 hours'
             AND p.damage_done_at - l.edited_date <= interval '24 hours'
             AND p.caption_done_at - l.edited_date <= interval '24 hours'
             AND a.newest_at - l.edited_date <= interval '24 hours',
           false) AS img_within_sla,
         a.photos,
         a.quality_mean,
         a.quality_scores,
         a.megapixels,
         p.sharpness,
         p.caption
  FROM "iPhone".iphone_listings AS l
  LEFT JOIN "iPhone".iphone_image_pipeline AS p ON p.generation = l.generation AND p.listing_id = l.listing_id
  LEFT JOIN (
    SELECT x.generation,
           x.listing_id,
           max(x.created_at) AS newest_at,
           count(*)::integer AS photos,
           round(avg(x.quality), 6) AS quality_mean,
           array_agg(x.quality ORDER BY x.image_no) AS quality_scores,
           round(max(x.width * x.height) / 1000000.0, 2) AS megapixels
    FROM "iPhone".iphone_image_assets AS x
    GROUP BY x.generation, x.listing_id
  ) AS a ON a.generation = l.generation AND a.listing_id = l.listing_id
) AS k;

CREATE UNIQUE INDEX iphone_image_features_unified_t0_v1_mv_key
  ON ml.iphone_image_features_unified_t0_v1_mv (generation, listing_id);
ANALYZE ml.iphone_image_features_unified_t0_v1_mv;

-- Damage, as the photos and the enrichment of the time agree on it. The same flag decides.
CREATE MATERIALIZED VIEW ml.v_damage_fusion_features_v2_scored_t0_v1_mv AS
SELECT i.generation,
       i.listing_id,
       i.edited_date,
       i.img_within_sla,
       CASE WHEN i.img_within_sla THEN d.cracks END AS cracks,
       CASE WHEN i.img_within_sla THEN d.scratches END AS scratches,
       CASE WHEN i.img_within_sla THEN d.score END AS image_score,
       CASE WHEN i.img_within_sla THEN t.named_in_text END AS named_in_text,
       CASE WHEN i.img_within_sla THEN
         least(1, d.score * 0.7 + CASE WHEN t.named_in_text THEN 0.3 ELSE 0 END)::double precision
       END AS fusion_score,
       CASE WHEN i.img_within_sla THEN d.parts END AS parts
FROM ml.iphone_image_features_unified_t0_v1_mv AS i
LEFT JOIN (
  SELECT p.generation,
         p.listing_id,
         (p.damage ->> 'cracks')::integer AS cracks,
         (p.damage ->> 'scratches')::integer AS scratches,
         (p.damage ->> 'score')::numeric(8, 6) AS score,
         p.damage -> 'parts' AS parts
  FROM "iPhone".iphone_image_pipeline AS p
) AS d ON d.generation = i.generation AND d.listing_id = i.listing_id
LEFT JOIN (
  SELECT DISTINCT ON (x.generation, x.listing_id)
         x.generation, x.listing_id, coalesce(x.tags && ARRAY['cracked glass', 'scratch'], false) AS named_in_text
  FROM "iPhone".iphone_ai_enrich AS x
  JOIN "iPhone".iphone_listings AS l ON l.generation = x.generation AND l.listing_id = x.listing_id
  WHERE x.updated_at - l.edited_date <= interval '24 hours'
  ORDER BY x.generation, x.listing_id, x.updated_at DESC, x.version DESC
) AS t ON t.generation = i.generation AND t.listing_id = i.listing_id;

CREATE UNIQUE INDEX v_damage_fusion_features_v2_scored_t0_v1_mv_key
  ON ml.v_damage_fusion_features_v2_scored_t0_v1_mv (generation, listing_id);
ANALYZE ml.v_damage_fusion_features_v2_scored_t0_v1_mv;

CREATE MATERIALIZED VIEW ml.iphone_device_meta_encoded_t0_v1_mv AS
SELECT l.generation,
       l.listing_id,
       l.edited_date,
       array_position(ARRAY['Black', 'Blue', 'Midnight', 'Starlight', 'Natural Titanium'], l.device_meta ->> 'color') AS color_code,
       (l.device_meta ->> 'Battery %')::integer AS battery_percent,
       (l.device_meta ->> 'lock')::boolean AS is_locked,
       json_array_length(l.device_meta -> 'accessories') AS accessory_count,
       l.device_meta::jsonb AS meta
FROM "iPhone".iphone_listings AS l;

CREATE UNIQUE INDEX iphone_device_meta_encoded_t0_v1_mv_key
  ON ml.iphone_device_meta_encoded_t0_v1_mv (generation, listing_id);
ANALYZE ml.iphone_device_meta_encoded_t0_v1_mv;
