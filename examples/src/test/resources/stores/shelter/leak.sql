-- A label on its way into the features, one view below the entrypoint.
CREATE OR REPLACE VIEW shelter.season_v AS
SELECT i.animal_id, i.intake_date, i.visit_no,
       extract(isodow FROM i.intake_date)::integer AS weekday,
       coalesce(l.stayed_days > 30, false) AS kitten_season
FROM shelter.intake_mv AS i LEFT JOIN shelter.outcome_labels_mv AS l USING (animal_id, intake_date);
