-- Removes what our migrations and seal made; pg_temp.guard_ours holds our tables, and our routines by signature. Nothing cascades: what somebody built on ours stops it.
DO $uninstall$
DECLARE
  schema_is_ours boolean := EXISTS (SELECT 1 FROM audit.guard_schema_history h WHERE h.type = 'SCHEMA');
  found text[] := ARRAY(SELECT f.what FROM audit.found_before f);
  undo text[] := ARRAY(SELECT f.undo FROM audit.found_before f WHERE f.undo IS NOT NULL ORDER BY f.what);
  existed boolean := 'table t0_cert_registry' = ANY (found);
  one text;
  x record;
  list text;
BEGIN
  CREATE TEMPORARY TABLE guard_uninstalled (what text) ON COMMIT DROP;
  FOR x IN SELECT s.store FROM audit.seal s LOOP
    PERFORM audit.unseal_store(x.store);
    INSERT INTO pg_temp.guard_uninstalled VALUES ('seal of store ' || x.store);
  END LOOP;
  FOR x IN SELECT t.tgname, t.tgrelid::regclass AS relation FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE p.pronamespace = 'audit'::regnamespace AND p.oid IN (SELECT to_regprocedure(o.name) FROM pg_temp.guard_ours o WHERE NOT o.is_table) AND NOT t.tgisinternal LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', x.tgname, x.relation);
    INSERT INTO pg_temp.guard_uninstalled VALUES (format('trigger %s on %s', x.tgname, x.relation));
  END LOOP;
  -- of the runbook's names only those that carry our mark
  FOR x IN SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind, p.oid::regprocedure::text AS signature, p.prokind FROM pg_proc p
            WHERE p.pronamespace = 'audit'::regnamespace
              AND (obj_description(p.oid, 'pg_proc') LIKE 'guarded reads%' OR (p.oid IN (SELECT to_regprocedure(o.name) FROM pg_temp.guard_ours o WHERE NOT o.is_table)
                   AND p.proname NOT IN ('require_certified', 'require_certified_strict', 'cert_guard')))
            ORDER BY p.prokind DESC LOOP
    INSERT INTO pg_temp.guard_uninstalled VALUES (lower(x.kind) || ' ' || x.signature);
    IF x.prokind = 'p' THEN
      EXECUTE format('DROP PROCEDURE %s', x.signature);
    ELSE
      list := concat_ws(', ', list, x.signature);
    END IF;
  END LOOP;
  EXECUTE 'DROP FUNCTION ' || list;
  FOR x IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r'
              AND (c.relname IN (SELECT o.name FROM pg_temp.guard_ours o WHERE o.is_table)
                   OR c.relname = 'guard_schema_history'
                   OR (c.relname IN ('t0_cert_registry', 't0_viewdef_baseline', 't0_dataset_hash_baseline') AND 'table ' || c.relname <> ALL (found))) LOOP
    list := CASE WHEN list LIKE 'TABLES %' THEN list || ', ' ELSE 'TABLES ' END || format('audit.%I', x.relname);
    INSERT INTO pg_temp.guard_uninstalled VALUES ('table audit.' || x.relname);
  END LOOP;
  EXECUTE 'DROP TABLE ' || substr(list, 8);
  IF existed THEN
    FOR x IN SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'audit.t0_cert_registry'::regclass AND a.attname IN
        ('viewdef_objects', 'dataset_days', 'notes', 'certificate_id', 'chain_start', 'lease', 'max_age', 'max_data_age', 'refreshed_at', 'data_generation', 'watermark', 'valid_until', 'failed_gate', 'policy_digest', 'run_id',
         'definition_digest', 'live_digest', 'extended_by', 'extended_until') AND 'column ' || a.attname <> ALL (found) LOOP
      EXECUTE format('ALTER TABLE audit.t0_cert_registry DROP COLUMN %I', x.attname);
      INSERT INTO pg_temp.guard_uninstalled VALUES ('column audit.t0_cert_registry.' || x.attname);
    END LOOP;
  END IF;
  DROP SEQUENCE audit.certificate_id_seq;
  INSERT INTO pg_temp.guard_uninstalled VALUES ('sequence audit.certificate_id_seq');
  IF schema_is_ours AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace) AND NOT EXISTS (SELECT 1 FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace)
     AND NOT EXISTS (SELECT 1 FROM pg_type t WHERE t.typnamespace = 'audit'::regnamespace) THEN
    DROP SCHEMA audit;
    INSERT INTO pg_temp.guard_uninstalled VALUES ('schema audit');
  ELSE
    FOREACH one IN ARRAY undo LOOP
      BEGIN
        EXECUTE one;
        INSERT INTO pg_temp.guard_uninstalled VALUES ('put back: ' || one);
      EXCEPTION WHEN check_violation OR not_null_violation THEN
        INSERT INTO pg_temp.guard_uninstalled VALUES ('not put back, as rows break it: ' || one);
      END;
    END LOOP;
  END IF;
END
$uninstall$
