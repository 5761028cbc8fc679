-- The survival store, 2: what the scrapers and pipelines write. Nothing here is certified; all of it may change at any
-- time, be late, or be wrong. A row of iphone_listings is a listing at its last edit: T0 = edited_date.

CREATE TABLE "iPhone".iphone_listings (
  generation          smallint     NOT NULL,
  listing_id          bigint       NOT NULL,
  title               text,
  storage_gb          integer,
  condition           text,
  price               numeric(12, 2),
  original_price      numeric(12, 2),          -- price at T0, where a later, careful backfill replaced `price`
  price_backfilled_at timestamptz,
  postal_code         text,
  city                text,
  "sellerRating"      double precision,        -- 'NaN' where the page showed a dash
  "user"              text,
  "order"             integer,                 -- place in the search result
  "Free Shipping?"    boolean,
  tags                text[],
  device_meta         json,                    -- as scraped: key order, blanks and duplicate keys are kept
  attributes          jsonb,
  first_seen          timestamptz  NOT NULL,
  edited_date         timestamptz  NOT NULL,   -- T0
  -- From here on: known only after T0. No feature may read them.
  status              text         NOT NULL CHECK (status IN ('open', 'sold', 'removed')),
  sold_date           timestamptz,
  last_seen           timestamptz  NOT NULL,
  PRIMARY KEY (generation, listing_id)
);

CREATE TABLE "iPhone".iphone_ai_enrich (
  generation  smallint    NOT NULL,
  listing_id  bigint      NOT NULL,
  version     integer     NOT NULL,
  updated_at  timestamptz NOT NULL,
  model       text        NOT NULL,
  sale_mode   text,
  confidence  double precision,
  tags        text[],
  attributes  jsonb,
  PRIMARY KEY (generation, listing_id, version)
);

CREATE TABLE "iPhone".iphone_image_assets (
  generation  smallint      NOT NULL,
  listing_id  bigint        NOT NULL,
  image_no    integer       NOT NULL,
  created_at  timestamptz   NOT NULL,
  width       integer,
  height      integer,
  quality     numeric(6, 4),
  PRIMARY KEY (generation, listing_id, image_no)
);

-- One row a listing with photos: when each pipeline was done with them, and what it found.
CREATE TABLE "iPhone".iphone_image_pipeline (
  generation        smallint    NOT NULL,
  listing_id        bigint      NOT NULL,
  download_done_at  timestamptz,
  quality_done_at   timestamptz,
  damage_done_at    timestamptz,
  caption_done_at   timestamptz,
  sharpness         double precision,
  caption           text,
  damage            jsonb,
  PRIMARY KEY (generation, listing_id)
);
