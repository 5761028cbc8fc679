-- Removes the survival store, and only it: a schema goes if it carries the comment of 00_schemas_and_roles.sql. The two
-- roles stay, since another database of the cluster may use them.

DO $$
DECLARE
  schema_name text;
BEGIN
  FOR schema_name IN
    SELECT n.nspname FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname IN ('ml', 'ref', 'iPhone')
      AND pg_catalog.starts_with(pg_catalog.obj_description(n.oid, 'pg_namespace'), 'guarded-jdbc sample: ')
  LOOP
    EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', schema_name);
  END LOOP;
END
$$;
