-- The survival store, 1: schemas and roles.
--
-- Plain CREATE SCHEMA, on purpose: a database that already has a schema of one of these names is somebody's own, and
-- the first statement then fails before anything was touched.

CREATE SCHEMA "iPhone";
CREATE SCHEMA ref;
CREATE SCHEMA ml;

-- drop.sql removes only schemas that carry these comments.
COMMENT ON SCHEMA "iPhone" IS 'guarded-jdbc sample: raw listings of second-hand phones';
COMMENT ON SCHEMA ref IS 'guarded-jdbc sample: reference data';
COMMENT ON SCHEMA ml IS 'guarded-jdbc sample: features, labels, and what is left of older versions';

-- Roles belong to the whole cluster, so they may be there already, or be created by a neighbour at this very moment.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['ml_training', 'ml_label_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END
$$;
