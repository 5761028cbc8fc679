CREATE OR REPLACE VIEW "Ward 7"."Features @T0" AS
SELECT s."Bed", s."Taken at", s.day, s.pulse, s."SpO2 %", s."Δ pulse", 'none'::text AS labour,
       coalesce(s.lab_in_time, false) AS "Lab in time",
       CASE WHEN s.lab_in_time THEN s.sodium END AS "lab_Na+"
FROM icu."Scores" AS s;
