-- Somebody grades the conditions of one certified day anew.
UPDATE shelter_raw.visits SET intake_condition = 'regraded: ' || intake_condition
WHERE intake_date = (SELECT max(intake_date) - 365 FROM shelter_raw.visits);
