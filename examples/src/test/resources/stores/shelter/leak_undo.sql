CREATE OR REPLACE VIEW shelter.season_v AS
SELECT i.animal_id, i.intake_date, i.visit_no,
       extract(isodow FROM i.intake_date)::integer AS weekday,
       extract(month FROM i.intake_date) IN (4, 5, 6, 7) AS kitten_season
FROM shelter.intake_mv AS i;
