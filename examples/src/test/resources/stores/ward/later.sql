-- Life goes on: another day. No older row may change by it.
INSERT INTO "Ward 7"."Readings"
SELECT "Bed", max("Taken at") + INTERVAL '6 hours' * n, 95, 99
FROM "Ward 7"."Readings", generate_series(1, 4) AS n GROUP BY "Bed", n;
