-- Incident: two views redefined by hand, both with a good intention.

-- What was there is kept aside, so that redefine_undo.sql can put it back.
CREATE TABLE IF NOT EXISTS ml.incident_definition_before (view_name text PRIMARY KEY, definition text NOT NULL);
INSERT INTO ml.incident_definition_before
SELECT v.view_name, pg_get_viewdef(v.view_name::regclass)
FROM (VALUES ('ml.tom_features_v1_enriched_ai_clean_t0_read_v'), ('ml.survival_feature_store_t0_v1_v')) AS v (view_name)
ON CONFLICT DO NOTHING;

-- "The age of the model should be up to date": now(), inside a function, behind a cast. No view shows it.
CREATE OR REPLACE FUNCTION ml.model_age_months(p_edited_day date, p_days_since_launch integer) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT ((now() AT TIME ZONE 'UTC')::date - (p_edited_day - p_days_since_launch)) / 30
$$;

CREATE OR REPLACE VIEW ml.tom_features_v1_enriched_ai_clean_t0_read_v AS
SELECT f.*,
       ml.model_age_months(f.edited_day, f.days_since_launch) AS months_since_launch,
       coalesce(postal.super_metro, town.super_metro, 'elsewhere') AS super_metro,
       coalesce(postal.release_id, town.release_id) AS geo_release_id
FROM ml.tom_features_v1_enriched_ai_clean_t0_v1_mv AS f
LEFT JOIN ml.geo_dim_super_metro_v4_t0_v1 AS postal
  ON postal.code_kind = 'postal_code' AND postal.code = ref.norm_postal_code(f.postal_code)
LEFT JOIN ml.geo_dim_super_metro_v4_t0_v1 AS town
  ON town.code_kind = 'city' AND town.code = ref.norm_city(f.city);

-- "Sharpness is missing for every fifth listing": straight from the pipeline, whenever it was done, without its gate.
CREATE OR REPLACE VIEW ml.survival_feature_store_t0_v1_v AS
SELECT f.*,
       coalesce(i.img_within_sla, false) AS img_within_sla,
       CASE WHEN i.img_within_sla THEN i.photos END AS img__photos,
       CASE WHEN i.img_within_sla THEN i.quality_mean END AS img__quality_mean,
       CASE WHEN i.img_within_sla THEN i.quality_scores END AS img__quality_scores,
       CASE WHEN i.img_within_sla THEN i.megapixels END AS img__megapixels,
       coalesce(i.sharpness, p.sharpness) AS img__sharpness,
       CASE WHEN i.img_within_sla THEN i.caption END AS img__caption,
       CASE WHEN i.img_within_sla THEN d.cracks END AS dmg__cracks,
       CASE WHEN i.img_within_sla THEN d.scratches END AS dmg__scratches,
       CASE WHEN i.img_within_sla THEN d.image_score END AS dmg__image_score,
       CASE WHEN i.img_within_sla THEN d.named_in_text END AS dmg__named_in_text,
       CASE WHEN i.img_within_sla THEN d.fusion_score END AS dmg__fusion_score,
       CASE WHEN i.img_within_sla THEN d.parts END AS dmg__parts,
       m.color_code AS dev__color_code,
       m.battery_percent AS "dev__Battery %",
       m.is_locked AS dev__is_locked,
       m.accessory_count AS dev__accessory_count,
       m.meta AS dev__meta
FROM ml.tom_features_v1_enriched_ai_clean_t0_read_v AS f
LEFT JOIN ml.iphone_image_features_unified_t0_v1_mv AS i ON i.generation = f.generation AND i.listing_id = f.listing_id
LEFT JOIN "iPhone".iphone_image_pipeline AS p ON p.generation = f.generation AND p.listing_id = f.listing_id
LEFT JOIN ml.v_damage_fusion_features_v2_scored_t0_v1_mv AS d ON d.generation = f.generation AND d.listing_id = f.listing_id
LEFT JOIN ml.iphone_device_meta_encoded_t0_v1_mv AS m ON m.generation = f.generation AND m.listing_id = f.listing_id;
