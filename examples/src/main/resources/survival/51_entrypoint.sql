-- The survival store, 12: what training reads, and what is certified as a whole. One row a (generation, listing_id).
--
-- img__ and dmg__ are gated here once more, column by column, though the views below gated them already: whoever redefines
-- one of them must not be able to leak through this one.

CREATE OR REPLACE VIEW ml.survival_feature_store_t0_v1_v AS
SELECT f.*,
       coalesce(i.img_within_sla, false) AS img_within_sla,
       CASE WHEN i.img_within_sla THEN i.photos END AS img__photos,
       CASE WHEN i.img_within_sla THEN i.quality_mean END AS img__quality_mean,
       CASE WHEN i.img_within_sla THEN i.quality_scores END AS img__quality_scores,
       CASE WHEN i.img_within_sla THEN i.megapixels END AS img__megapixels,
       CASE WHEN i.img_within_sla THEN i.sharpness END AS img__sharpness,
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
LEFT JOIN ml.v_damage_fusion_features_v2_scored_t0_v1_mv AS d ON d.generation = f.generation AND d.listing_id = f.listing_id
LEFT JOIN ml.iphone_device_meta_encoded_t0_v1_mv AS m ON m.generation = f.generation AND m.listing_id = f.listing_id;

COMMENT ON VIEW ml.survival_feature_store_t0_v1_v IS
  'What was known of a listing at T0 = edited_date. Training reads ml.survival_feature_store_train_v.';
