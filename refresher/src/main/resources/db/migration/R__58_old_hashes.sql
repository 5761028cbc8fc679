-- Hashes that the runbook's own system left: compared only by its own function, called unchanged, until a baseline of ours is approved.

-- Their function where it can be called as audit.dataset_sha256(regclass, date, int); null where there is none.
CREATE OR REPLACE FUNCTION audit.old_hash_function() RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p.oid FROM pg_proc p
   WHERE p.pronamespace = 'audit'::regnamespace AND p.proname = 'dataset_sha256' AND p.prokind = 'f' AND p.pronargs >= 3 AND p.pronargs - p.pronargdefaults <= 3
     AND p.proargtypes[0] = 'regclass'::regtype AND p.proargtypes[1] = 'date'::regtype AND p.proargtypes[2] = 'int4'::regtype
   ORDER BY p.pronargs LIMIT 1
$$;

-- What a session of this role begins with in this database, as far as it decides how values are spelled and names are found.
CREATE OR REPLACE FUNCTION audit.settings_of_sessions() RETURNS TABLE (name text, value text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  zone text;
BEGIN
  IF has_function_privilege('pg_show_all_file_settings()', 'EXECUTE') THEN
    SELECT f.setting INTO zone FROM pg_file_settings f WHERE lower(f.name) = 'timezone' AND f.error IS NULL ORDER BY f.seqno DESC LIMIT 1;
  END IF;
  RETURN QUERY
    SELECT DISTINCT ON (lower(x.name)) x.name, x.value
      FROM (SELECT split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value, (s.setdatabase <> 0)::int + 2 * (s.setrole <> 0)::int AS rank
              FROM pg_db_role_setting s, unnest(s.setconfig) c
             WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AND s.setrole IN (0, session_user::regrole)
            UNION ALL
            SELECT 'search_path', (SELECT g.boot_val FROM pg_settings g WHERE g.name = 'search_path'), -1
            UNION ALL
            SELECT 'TimeZone', zone, -1 WHERE zone IS NOT NULL) x
     ORDER BY lower(x.name), x.rank DESC;
END
$$;

-- One call under those settings, with another time zone where one is given; the settings of the caller come back with the subtransaction.
CREATE OR REPLACE FUNCTION audit.old_hash(p_relation regclass, p_day date, p_limit int, p_zone text, OUT hash text, OUT complaint text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s record;
  names text[];
  vals text[];
BEGIN
  SELECT array_agg(x.name), array_agg(x.value) INTO names, vals FROM audit.settings_of_sessions() x;
  IF p_zone IS NOT NULL THEN
    names := names || 'TimeZone'::text;
    vals := vals || p_zone;
  END IF;
  BEGIN
    FOR s IN SELECT * FROM unnest(names, vals) u (name, value) LOOP
      BEGIN
        PERFORM pg_catalog.set_config(s.name, s.value, true);
      EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value OR undefined_object OR cant_change_runtime_param THEN
        NULL;   -- it decides on no hash, or nobody of this role could set it either
      END;
    END LOOP;
    EXECUTE 'SELECT (audit.dataset_sha256($1, $2, $3))::pg_catalog.text' INTO hash USING p_relation, p_day, p_limit;
    RAISE EXCEPTION USING ERRCODE = 'RG000';
  EXCEPTION
    WHEN SQLSTATE 'RG000' OR query_canceled OR serialization_failure OR deadlock_detected OR lock_not_available OR admin_shutdown OR crash_shutdown THEN
      IF SQLSTATE <> 'RG000' THEN
        RAISE;
      END IF;
    WHEN OTHERS THEN
      complaint := SQLERRM;
  END;
END
$$;

-- Days whose old hash is not met: neither under the settings of database and role, nor under UTC.
CREATE OR REPLACE FUNCTION audit.old_hashes_unmet(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  b record;
  first record;
  second record;
BEGIN
  FOR b IN SELECT o.t0_day, o.sample_limit, o.dataset_sha256 FROM audit.t0_dataset_hash_baseline o WHERE o.entrypoint = root ORDER BY 1, 2 LOOP
    SELECT * INTO first FROM audit.old_hash(root::regclass, b.t0_day, b.sample_limit, NULL);
    CONTINUE WHEN first.hash = b.dataset_sha256;
    SELECT * INTO second FROM audit.old_hash(root::regclass, b.t0_day, b.sample_limit, 'UTC');
    CONTINUE WHEN second.hash = b.dataset_sha256;
    RETURN QUERY SELECT root, ARRAY[root], format('%s: audit.dataset_sha256 of %s rows %s', b.t0_day, b.sample_limit, left(b.dataset_sha256, 16)),
      coalesce(left(second.hash, 16), left(first.hash, 16), 'none'), NULL::jsonb,
      format('%s: old-style hash, not comparable or drifted%s', b.t0_day, coalesce(': ' || coalesce(second.complaint, first.complaint), '')),
      format('refresher baseline propose %s', p_store), audit.graded(p_store, 'dataset-hash', 'block');
  END LOOP;
END
$$;
