UPDATE shelter_raw.visits SET intake_condition = replace(intake_condition, 'regraded: ', '')
WHERE intake_condition LIKE 'regraded: %';
