-- An animal shelter, 1: visits as the city publishes them. Filled by COPY from longbeach_shelter.csv, dirt and all: duplicate
-- rows, animals that come in twice a day, births after the intake, outcomes still open.

CREATE SCHEMA shelter_raw;
CREATE SCHEMA shelter;

CREATE TABLE shelter_raw.visits (
  animal_id         text NOT NULL,
  animal_type       text,
  primary_color     text,
  sex               text,
  dob               date,
  intake_date       date NOT NULL,
  intake_condition  text,
  intake_type       text,
  intake_subtype    text,
  reason_for_intake text,
  outcome_date      date,
  outcome_type      text,
  outcome_subtype   text,
  outcome_is_dead   boolean
);
