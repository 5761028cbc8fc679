-- A label, in a view that REFRESH … CONCURRENTLY can do nothing with.
CREATE MATERIALIZED VIEW icu."Outcome: counted" AS
SELECT "Bed", count(*) AS alarms FROM icu."Outcome: alarm" WHERE alarm GROUP BY "Bed";

CREATE OR REPLACE VIEW "Ward 7"."Features @T0" AS
SELECT s."Bed", s."Taken at", s.day, s.pulse, s."SpO2 %", s."Δ pulse", o.alarms::text AS labour,
       coalesce(s.lab_in_time, false) AS "Lab in time",
       CASE WHEN s.lab_in_time THEN s.sodium END AS "lab_Na+"
FROM icu."Scores" AS s JOIN icu."Outcome: counted" AS o ON o."Bed" = s."Bed";
