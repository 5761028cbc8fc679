-- The backfill is taken back: every price is again what it was, to the digit.

UPDATE "iPhone".iphone_listings AS l
SET price = before.price, original_price = before.original_price
FROM "iPhone".incident_price_before AS before
WHERE l.generation = before.generation AND l.listing_id = before.listing_id;

DROP TABLE "iPhone".incident_price_before;
