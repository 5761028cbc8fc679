-- No incident: life goes on. New listings, sales of old ones, enrichments and photos that arrive late. Everything in here
-- is dated after the last day of the store, so not one row of the entrypoint that was there may change.

CREATE TEMPORARY TABLE later AS
SELECT max(edited_date) AS data_end FROM "iPhone".iphone_listings;

INSERT INTO "iPhone".iphone_listings (
  generation, listing_id, title, storage_gb, condition, price, postal_code, city, "sellerRating", "user", "order",
  first_seen, edited_date, status, last_seen)
SELECT l.generation, l.listing_id + 1000000000, l.title, l.storage_gb, l.condition, l.price, l.postal_code, l.city,
       l."sellerRating", l."user", l."order", later.data_end, later.data_end + interval '1 hour' * (1 + l.listing_id % 23), 'open',
       later.data_end + interval '48 hours'
FROM "iPhone".iphone_listings AS l, later
WHERE l.listing_id % 50 = 0;

-- The same listing under another generation, once more, and later.
INSERT INTO "iPhone".iphone_listings (generation, listing_id, title, price, first_seen, edited_date, status, last_seen)
SELECT (l.generation + 20)::smallint, l.listing_id, l.title, l.price, l.first_seen, later.data_end + interval '2 hours', 'open',
       later.data_end + interval '48 hours'
FROM "iPhone".iphone_listings AS l, later
WHERE l.listing_id % 101 = 0 AND l.listing_id < 1000000000;

UPDATE "iPhone".iphone_listings AS l
SET status = 'sold', sold_date = later.data_end + interval '26 hours', last_seen = later.data_end + interval '48 hours'
FROM later
WHERE l.status = 'open' AND l.listing_id % 3 = 0 AND l.listing_id < 1000000000;

INSERT INTO "iPhone".iphone_ai_enrich (generation, listing_id, version, updated_at, model, sale_mode, tags)
SELECT l.generation, l.listing_id, 9, later.data_end + interval '30 hours', 'gist-huge', 'not_sold', ARRAY['cracked glass']
FROM "iPhone".iphone_listings AS l, later
WHERE l.edited_date < later.data_end - interval '24 hours' AND l.listing_id % 5 = 0;

UPDATE "iPhone".iphone_image_pipeline AS p
SET damage_done_at = later.data_end + interval '30 hours'
FROM later, "iPhone".iphone_listings AS l
WHERE p.damage_done_at IS NULL AND l.generation = p.generation AND l.listing_id = p.listing_id
  AND l.edited_date < later.data_end - interval '24 hours';

DROP TABLE later;
