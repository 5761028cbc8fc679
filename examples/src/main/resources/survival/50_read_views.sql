-- The survival store, 11: plain views between the materialized ones and the entrypoint. Every reader's session computes
-- them anew, so everything in them must be immutable.

CREATE OR REPLACE VIEW ml.geo_dim_super_metro_v4_pinned_v1 AS
SELECT 'postal_code' AS code_kind, p.postal_code AS code, p.super_metro, p.release_id
FROM ref.postal_code_to_super_metro AS p
JOIN ref.geo_mapping_pinned_super_metro_v4_v1 AS pinned ON pinned.release_id = p.release_id
UNION ALL
SELECT 'city', c.city, c.super_metro, c.release_id
FROM ref.city_to_super_metro AS c
JOIN ref.geo_mapping_pinned_super_metro_v4_v1 AS pinned ON pinned.release_id = c.release_id;

CREATE OR REPLACE VIEW ml.geo_dim_super_metro_v4_t0_v1 AS
SELECT g.code_kind, g.code, g.super_metro, g.release_id
FROM ml.geo_dim_super_metro_v4_pinned_v1 AS g;

CREATE OR REPLACE VIEW ml.tom_features_v1_enriched_ai_clean_t0_read_v AS
SELECT f.*,
       f.days_since_launch / 30 AS months_since_launch,
       coalesce(postal.super_metro, town.super_metro, 'elsewhere') AS super_metro,
       coalesce(postal.release_id, town.release_id) AS geo_release_id
FROM ml.tom_features_v1_enriched_ai_clean_t0_v1_mv AS f
LEFT JOIN ml.geo_dim_super_metro_v4_t0_v1 AS postal
  ON postal.code_kind = 'postal_code' AND postal.code = ref.norm_postal_code(f.postal_code)
LEFT JOIN ml.geo_dim_super_metro_v4_t0_v1 AS town
  ON town.code_kind = 'city' AND town.code = ref.norm_city(f.city);
