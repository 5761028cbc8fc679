-- A registry that was there before us may demand what a closed row can't give: a time of certification, one of two statuses. Whoever could not write that a
-- store is closed would leave it open.
DO $do$
DECLARE
  c record;
BEGIN
  FOR c IN SELECT a.attname FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = 'audit.t0_cert_registry'::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
              AND a.attname NOT IN ('entrypoint', 'status', 'lease')
              AND (a.attname IN ('certified_at', 'viewdef_objects', 'dataset_days', 'notes') OR NOT a.atthasdef AND a.attidentity = '')   -- what we write null into, or not at all
            ORDER BY a.attnum LOOP
    INSERT INTO audit.found_before VALUES ('not null ' || c.attname, pg_catalog.format('ALTER TABLE audit.t0_cert_registry ALTER COLUMN %I SET NOT NULL', c.attname));
    EXECUTE pg_catalog.format('ALTER TABLE audit.t0_cert_registry ALTER COLUMN %I DROP NOT NULL', c.attname);
  END LOOP;
  FOR c IN SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid) AS definition FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
            WHERE k.conrelid = 'audit.t0_cert_registry'::pg_catalog.regclass AND k.contype = 'c' AND a.attname IN ('status', 'certified_at')
            GROUP BY k.oid, k.conname ORDER BY k.conname LOOP
    INSERT INTO audit.found_before VALUES ('check ' || c.conname, pg_catalog.format('ALTER TABLE audit.t0_cert_registry ADD CONSTRAINT %I %s', c.conname, c.definition));
    EXECUTE pg_catalog.format('ALTER TABLE audit.t0_cert_registry DROP CONSTRAINT %I', c.conname);
  END LOOP;
END
$do$;
