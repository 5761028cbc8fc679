-- A hospital ward: sensors at twelve beds, one row a bed every six hours. T0 is "Taken at". Nothing here is named, keyed or
-- typed as in the other stores; the names need quotes wherever they can.

CREATE SCHEMA "Ward 7";
CREATE SCHEMA icu;

CREATE TABLE "Ward 7"."Readings" (
  "Bed"      text             NOT NULL,
  "Taken at" timestamptz      NOT NULL,
  pulse      double precision,
  "SpO2 %"   double precision,
  PRIMARY KEY ("Bed", "Taken at")
);

-- Values are multiples of a half: sums of them are exact in any order.
INSERT INTO "Ward 7"."Readings"
SELECT 'bed ' || bed, at, 60 + (bed * 7 + n * 13) % 60 / 2.0, CASE WHEN (bed + n) % 17 > 0 THEN 90 + (bed * 3 + n) % 20 / 2.0 END
FROM generate_series(1, 12) AS bed
CROSS JOIN generate_series(0, 399) AS n
CROSS JOIN LATERAL (VALUES (TIMESTAMPTZ '2026-01-01 04:30+00' + n * INTERVAL '6 hours')) AS t (at);

-- Laboratory values of the same moment. They arrive later, some of them too late.
CREATE TABLE "Ward 7"."Lab results" (
  "Bed"      text        NOT NULL,
  "Taken at" timestamptz NOT NULL,
  arrived_at timestamptz NOT NULL,
  sodium     integer     NOT NULL,
  PRIMARY KEY ("Bed", "Taken at")
);

INSERT INTO "Ward 7"."Lab results"
SELECT "Bed", "Taken at", "Taken at" + row_number() OVER (ORDER BY "Taken at", "Bed") % 11 * INTERVAL '1 hour', 130 + pulse::integer % 20
FROM "Ward 7"."Readings" WHERE extract(epoch FROM "Taken at")::bigint / 21600 % 3 > 0;

-- Labels: an alarm within a day after T0.
CREATE TABLE "Ward 7".alarms ("Bed" text NOT NULL, rang_at timestamptz NOT NULL, PRIMARY KEY ("Bed", rang_at));

INSERT INTO "Ward 7".alarms
SELECT "Bed", "Taken at" + INTERVAL '5 hours' FROM "Ward 7"."Readings" WHERE pulse > 88;

CREATE VIEW icu."Outcome: alarm" AS
SELECT r."Bed", r."Taken at",
       EXISTS (SELECT FROM "Ward 7".alarms AS a
               WHERE a."Bed" = r."Bed" AND a.rang_at > r."Taken at" AND a.rang_at <= r."Taken at" + INTERVAL '24 hours') AS alarm
FROM "Ward 7"."Readings" AS r;

-- A dot in a name.
CREATE MATERIALIZED VIEW "Ward 7"."Clean.Readings" AS
SELECT "Bed", "Taken at", ("Taken at" AT TIME ZONE 'Europe/Berlin')::date AS day, pulse, "SpO2 %"
FROM "Ward 7"."Readings" WHERE pulse > 0;

CREATE UNIQUE INDEX ON "Ward 7"."Clean.Readings" ("Bed", "Taken at");

-- Read by the table step alone, and before the other one in the alphabet: only the step says that it comes between.
CREATE MATERIALIZED VIEW "Ward 7"."A day's pulse" AS
SELECT "Bed", day, sum(pulse) AS total, count(*) AS readings FROM "Ward 7"."Clean.Readings" GROUP BY "Bed", day;

CREATE UNIQUE INDEX ON "Ward 7"."A day's pulse" ("Bed", day);

-- Rebuilt by the table step of ward.yaml, between these views and the next; filled here once, as they are.
CREATE TABLE "Ward 7"."Usual pulse" ("Bed" text, day date, "Usual" double precision, PRIMARY KEY ("Bed", day));

INSERT INTO "Ward 7"."Usual pulse"
SELECT d."Bed", d.day, sum(b.total) / sum(b.readings)
FROM "Ward 7"."A day's pulse" AS d
JOIN "Ward 7"."A day's pulse" AS b ON b."Bed" = d."Bed" AND b.day BETWEEN d.day - 7 AND d.day - 1
GROUP BY d."Bed", d.day;

CREATE MATERIALIZED VIEW icu."Scores" AS
SELECT c."Bed", c."Taken at", c.day, c.pulse, c."SpO2 %", c.pulse - u."Usual" AS "Δ pulse",
       l.arrived_at <= c."Taken at" + INTERVAL '6 hours' AS lab_in_time, l.sodium
FROM "Ward 7"."Clean.Readings" AS c
LEFT JOIN "Ward 7"."Usual pulse" AS u ON u."Bed" = c."Bed" AND u.day = c.day
LEFT JOIN "Ward 7"."Lab results" AS l ON l."Bed" = c."Bed" AND l."Taken at" = c."Taken at";

CREATE UNIQUE INDEX ON icu."Scores" ("Bed", "Taken at");

-- "labour" begins with lab, and is no late value: prefixes are literal.
CREATE VIEW "Ward 7"."Features @T0" AS
SELECT s."Bed", s."Taken at", s.day, s.pulse, s."SpO2 %", s."Δ pulse", 'none'::text AS labour,
       coalesce(s.lab_in_time, false) AS "Lab in time",
       CASE WHEN s.lab_in_time THEN s.sodium END AS "lab_Na+"
FROM icu."Scores" AS s;
