-- Both views get the definitions back that redefine.sql kept, and the function goes.

DO $$
DECLARE
  kept record;
BEGIN
  FOR kept IN SELECT view_name, definition FROM ml.incident_definition_before LOOP
    EXECUTE 'CREATE OR REPLACE VIEW ' || kept.view_name || ' AS ' || kept.definition;
  END LOOP;
END
$$;

DROP FUNCTION ml.model_age_months(date, integer);
DROP TABLE ml.incident_definition_before;
