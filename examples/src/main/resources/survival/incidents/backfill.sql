-- Incident: a careless backfill. Somebody reloads the prices of two days long past, net of VAT, and does not keep what was
-- asked at T0 in original_price. Both are days that were certified: 90 and 365 days before the last.

-- What was there is kept aside, so that backfill_undo.sql can put it back. Run twice, the first copy stays.
CREATE TABLE IF NOT EXISTS "iPhone".incident_price_before (
  generation     smallint NOT NULL,
  listing_id     bigint   NOT NULL,
  price          numeric(12, 2),
  original_price numeric(12, 2),
  PRIMARY KEY (generation, listing_id)
);

INSERT INTO "iPhone".incident_price_before
SELECT l.generation, l.listing_id, l.price, l.original_price
FROM "iPhone".iphone_listings AS l
WHERE (l.edited_date AT TIME ZONE 'UTC')::date IN (
  SELECT (max(e.edited_date) AT TIME ZONE 'UTC')::date - days_back.n
  FROM ml.survival_feature_store_t0_v1_v AS e CROSS JOIN (VALUES (90), (365)) AS days_back (n)
  GROUP BY days_back.n)
ON CONFLICT DO NOTHING;

UPDATE "iPhone".iphone_listings AS l
SET price = round(before.price * 0.8, 2), original_price = NULL
FROM "iPhone".incident_price_before AS before
WHERE l.generation = before.generation AND l.listing_id = before.listing_id;
