UPDATE "Ward 7"."Readings" SET "SpO2 %" = "SpO2 %" + 1.5
WHERE "Bed" = 'bed 3' AND ("Taken at" AT TIME ZONE 'Europe/Berlin')::date = DATE '2026-02-10';
