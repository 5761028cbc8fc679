-- What the city knew at the end of 1 January 2024: later visits are not there, later outcomes still open.

DELETE FROM shelter_raw.visits WHERE intake_date > DATE '2024-01-01';

UPDATE shelter_raw.visits
SET outcome_date = NULL, outcome_type = NULL, outcome_subtype = NULL, outcome_is_dead = NULL
WHERE outcome_date > DATE '2024-01-01';
