-- An animal shelter, 2: features at T0 = intake_date, and labels beside them.

CREATE INDEX ON shelter_raw.visits (animal_id, intake_date);

-- One row a visit. Nothing in the data tells two visits of a day apart, so they are counted, in an order that knows nothing
-- but what was known at T0; rows that are equal in all of that are one visit.
CREATE MATERIALIZED VIEW shelter.intake_mv AS
SELECT v.animal_id,
       v.intake_date,
       (row_number() OVER (
          PARTITION BY v.animal_id, v.intake_date
          ORDER BY v.animal_type, v.primary_color, v.sex, v.dob, v.intake_condition, v.intake_type, v.intake_subtype,
                   v.reason_for_intake))::integer AS visit_no,
       v.animal_type, v.primary_color, v.sex, v.intake_condition, v.intake_type, v.intake_subtype, v.reason_for_intake,
       CASE WHEN v.dob <= v.intake_date THEN v.intake_date - v.dob END AS age_days,
       earlier.visits AS earlier_visits,
       v.intake_date - earlier.last_intake AS days_since_last_visit,
       earlier.adoptions AS earlier_adoptions
FROM (
  SELECT DISTINCT animal_id, intake_date, animal_type, primary_color, sex, dob, intake_condition, intake_type, intake_subtype,
         reason_for_intake
  FROM shelter_raw.visits
) AS v
CROSS JOIN LATERAL (
  -- Whole days before T0 only: of an outcome on T0 nobody knows whether it came first.
  SELECT count(DISTINCT e.intake_date)::integer AS visits,
         max(e.intake_date) AS last_intake,
         (count(DISTINCT e.outcome_date)
            FILTER (WHERE e.outcome_type = 'adoption' AND e.outcome_date < v.intake_date))::integer AS adoptions
  FROM shelter_raw.visits AS e
  WHERE e.animal_id = v.animal_id AND e.intake_date < v.intake_date
) AS earlier;

CREATE UNIQUE INDEX ON shelter.intake_mv (animal_id, intake_date, visit_no);

-- How fast animals of a kind left in the 90 days before a day.
CREATE MATERIALIZED VIEW shelter.pace_mv AS
WITH left_shelter AS (
  SELECT animal_type, outcome_date AS day, count(*) AS animals, sum(outcome_date - intake_date) AS stayed_days
  FROM shelter_raw.visits
  WHERE outcome_date >= intake_date
  GROUP BY animal_type, outcome_date
), days AS (
  SELECT animal_type, day FROM left_shelter
  UNION
  SELECT animal_type, intake_date FROM shelter_raw.visits
)
SELECT animal_type, day,
       (sum(animals) OVER embargo)::integer AS left_90d,
       round(sum(stayed_days) OVER embargo / sum(animals) OVER embargo, 3) AS mean_stay_90d
FROM days LEFT JOIN left_shelter USING (animal_type, day)
WINDOW embargo AS (PARTITION BY animal_type ORDER BY day RANGE BETWEEN INTERVAL '90 days' PRECEDING AND INTERVAL '1 day' PRECEDING);

CREATE UNIQUE INDEX ON shelter.pace_mv (animal_type, day);

CREATE VIEW shelter.season_v AS
SELECT i.animal_id, i.intake_date, i.visit_no,
       extract(isodow FROM i.intake_date)::integer AS weekday,
       extract(month FROM i.intake_date) IN (4, 5, 6, 7) AS kitten_season
FROM shelter.intake_mv AS i;

CREATE VIEW shelter.intake_features_v AS
SELECT i.*, p.left_90d, p.mean_stay_90d, s.weekday, s.kitten_season
FROM shelter.intake_mv AS i
JOIN shelter.season_v AS s USING (animal_id, intake_date, visit_no)
LEFT JOIN shelter.pace_mv AS p ON p.animal_type = i.animal_type AND p.day = i.intake_date;

CREATE VIEW shelter.training_v AS SELECT * FROM shelter.intake_features_v;

-- Labels: how the visit ended, and after how many days. Open visits have none.
CREATE MATERIALIZED VIEW shelter.outcome_labels_mv AS
SELECT animal_id, intake_date,
       count(*) AS rows_of_day,
       min(outcome_date) - intake_date AS stayed_days,
       min(outcome_type) AS outcome_type,
       bool_or(outcome_is_dead) FILTER (WHERE outcome_date IS NOT NULL) AS died
FROM shelter_raw.visits
GROUP BY animal_id, intake_date;
