-- The survival store, 8: how fast did such phones sell lately? By far the slowest view.
--
-- For every day on which something was listed, and every cell: the sales of the 90 days before, never of the day itself
-- (embargo: sold_day < anchor_day), each weighing 0.5 ^ (age in days / 90). min_sold_day_used and max_sold_day_used prove it.
--
-- A weight is an integer, in hundred-millionths, so that sums are exact: the same in every order of the rows, in every
-- plan, parallel or not, on every version.
CREATE MATERIALIZED VIEW ml.tom_speed_anchor_asof_v1_mv AS
WITH weight AS MATERIALIZED (
  SELECT array_agg(round(power(0.5, a.age / 90.0) * 100000000)::integer ORDER BY a.age) AS by_age
  FROM generate_series(1, 90) AS a (age)
), anchor AS MATERIALIZED (
  SELECT DISTINCT e.edited_day AS anchor_day FROM ml.tom_features_v1_enriched_clean_mv AS e
), cell AS MATERIALIZED (
  SELECT DISTINCT s.generation, s.sbucket, s.ptv_bucket FROM ml.sold_durations_v1_mv AS s
)
SELECT a.anchor_day,
       c.generation,
       c.sbucket,
       c.ptv_bucket,
       round(w.fast24 / w.total, 6)::double precision AS speed_fast24_anchor,
       round(w.fast7 / w.total, 6)::double precision AS speed_fast7_anchor,
       round(w.slow21 / w.total, 6)::double precision AS speed_slow21_anchor,
       round(w.median_minutes / 60.0, 2)::double precision AS speed_median_hours_ptv,
       round(w.total * w.total / w.total_of_squares, 4)::double precision AS speed_n_eff_ptv,
       w.sales AS speed_n_ptv,
       w.min_sold_day AS min_sold_day_used,
       w.max_sold_day AS max_sold_day_used
FROM anchor AS a
CROSS JOIN cell AS c
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS sales,
         sum(r.weight)::numeric AS total,
         sum(r.weight::bigint * r.weight) AS total_of_squares,
         coalesce(sum(r.weight) FILTER (WHERE r.duration_minutes <= 24 * 60), 0)::numeric AS fast24,
         coalesce(sum(r.weight) FILTER (WHERE r.duration_minutes <= 168 * 60), 0)::numeric AS fast7,
         coalesce(sum(r.weight) FILTER (WHERE r.duration_minutes > 21 * 24 * 60), 0)::numeric AS slow21,
         -- Weighted median: the shortest duration that half of the weight does not exceed.
         min(r.duration_minutes) FILTER (WHERE 2 * r.running >= r.overall) AS median_minutes,
         min(r.sold_day) AS min_sold_day,
         max(r.sold_day) AS max_sold_day
  FROM (
    SELECT i.*,
           sum(i.weight) OVER (ORDER BY i.duration_minutes, i.listing_id ROWS UNBOUNDED PRECEDING) AS running,
           sum(i.weight) OVER () AS overall
    FROM (
      SELECT s.sold_day, s.duration_minutes, s.listing_id,
             (SELECT by_age FROM weight)[a.anchor_day - s.sold_day] AS weight
      FROM ml.sold_durations_v1_mv AS s
      WHERE s.generation = c.generation AND s.sbucket = c.sbucket AND s.ptv_bucket = c.ptv_bucket
        AND s.sold_day >= a.anchor_day - 90 AND s.sold_day < a.anchor_day
    ) AS i
  ) AS r
) AS w
WHERE w.sales > 0;

CREATE UNIQUE INDEX tom_speed_anchor_asof_v1_mv_key
  ON ml.tom_speed_anchor_asof_v1_mv (anchor_day, generation, sbucket, ptv_bucket);
ANALYZE ml.tom_speed_anchor_asof_v1_mv;
