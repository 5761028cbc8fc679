-- Baselines: proposed from what is there, compared with the approved one, approved by a person.

CREATE OR REPLACE FUNCTION audit.baseline_diff(p_baseline_id bigint) RETURNS TABLE (object text, change text, detail text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  new_one audit.baseline;
  old_id bigint;
BEGIN
  SELECT * INTO new_one FROM audit.baseline b WHERE b.baseline_id = p_baseline_id;
  IF new_one.baseline_id IS NULL THEN
    RAISE EXCEPTION 'there is no baseline %', p_baseline_id USING ERRCODE = '22023';
  END IF;
  SELECT b.baseline_id INTO old_id FROM audit.baseline b
   WHERE b.store = new_one.store AND b.kind = new_one.kind AND b.baseline_id < p_baseline_id AND b.status IN ('approved', 'superseded')
   ORDER BY b.status, b.baseline_id DESC LIMIT 1;
  IF new_one.kind = 'definition' THEN
    RETURN QUERY
      SELECT coalesce(n.object, o.object), CASE WHEN o.object IS NULL THEN 'added' WHEN n.object IS NULL THEN 'removed' ELSE 'changed' END,
             CASE WHEN n.object IS NULL OR o.object IS NULL THEN '{}'::text[] ELSE audit.text_diff(o.definition, n.definition, 200) END
        FROM (SELECT * FROM audit.definition_baseline x WHERE x.baseline_id = p_baseline_id) n
             FULL JOIN (SELECT * FROM audit.definition_baseline x WHERE x.baseline_id = old_id) o ON o.object = n.object
       WHERE n.fingerprint IS DISTINCT FROM o.fingerprint ORDER BY 1;
  ELSE
    RETURN QUERY
      SELECT coalesce(n.day, o.day)::text, CASE WHEN o.day IS NULL THEN 'added' WHEN n.day IS NULL THEN 'removed' ELSE 'changed' END,
             array_remove(ARRAY[
               CASE WHEN n.rows <> o.rows THEN format('%s instead of %s', audit.counted(n.rows, 'row'), o.rows) WHEN o.day IS NULL THEN audit.counted(n.rows, 'row') END,
               (SELECT string_agg(format('%I in %s', q.name, audit.counted(q.count, 'row')), ', ' ORDER BY q.count DESC, q.name) FROM (
                  SELECT coalesce(a.name, b.name) AS name, count(*) AS count
                    FROM audit.dataset_baseline_key kn JOIN audit.dataset_baseline_key ko ON ko.baseline_id = old_id AND ko.day = kn.day AND ko.key = kn.key AND ko.row_hash <> kn.row_hash,
                         LATERAL (SELECT c ->> 'name' AS name, kn.column_values[i] AS v FROM jsonb_array_elements(new_one.columns) WITH ORDINALITY t (c, i)) a
                         FULL JOIN LATERAL (SELECT c ->> 'name' AS name, ko.column_values[i] AS v FROM audit.baseline ob, jsonb_array_elements(ob.columns) WITH ORDINALITY t (c, i) WHERE ob.baseline_id = old_id) b
                           ON b.name = a.name
                   WHERE kn.baseline_id = p_baseline_id AND kn.day = n.day AND a.v IS DISTINCT FROM b.v GROUP BY 1) q)], NULL)
        FROM (SELECT * FROM audit.dataset_baseline x WHERE x.baseline_id = p_baseline_id) n
             FULL JOIN (SELECT * FROM audit.dataset_baseline x WHERE x.baseline_id = old_id) o ON o.day = n.day
       WHERE n.day_hash IS DISTINCT FROM o.day_hash ORDER BY 1;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.propose_baseline(p_store text, p_run_id bigint DEFAULT NULL)
RETURNS TABLE (baseline_id bigint, kind text, objects_or_days int, changed int, message text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  settings jsonb := audit.settings_of(p_store, 'dataset-hash');
  offsets int[] := ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(settings -> 'days') WHEN 'array' THEN settings -> 'days' ELSE '[30,90,180,365,540]' END)::int);
  keys_per_day int := coalesce((settings ->> 'keys_per_day')::int, 5000);
  names text[];
  newest date;
  days date[];
BEGIN
  IF EXISTS (SELECT 1 FROM audit.gate_setting s WHERE s.store = p_store AND s.gate = 'definition-drift') THEN
    kind := 'definition';
    INSERT INTO audit.baseline AS b (store, entrypoint, kind, algorithm, server_major, run_id)
    VALUES (p_store, root, kind, audit.definition_algorithm(), audit.server_major(), p_run_id) RETURNING b.baseline_id INTO baseline_id;
    INSERT INTO audit.definition_baseline (baseline_id, object, kind, definition, fingerprint)
    SELECT baseline_id, d.object, d.kind, d.definition, d.fingerprint FROM audit.definitions(root) d;
    GET DIAGNOSTICS objects_or_days = ROW_COUNT;
    SELECT count(*) INTO changed FROM audit.baseline_diff(baseline_id);
    message := format('%s definitions, %s other than in the approved baseline', objects_or_days, changed);
    RETURN NEXT;
  END IF;
  IF EXISTS (SELECT 1 FROM audit.gate_setting s WHERE s.store = p_store AND s.gate = 'dataset-hash') THEN
    kind := 'dataset';
    names := ARRAY(SELECT c.name FROM audit.dataset_columns(p_store) c);
    EXECUTE format('SELECT max(%s) FROM %s', audit.day_expression(p_store), root) INTO newest;
    days := ARRAY(SELECT DISTINCT newest - o FROM unnest(offsets) o WHERE newest IS NOT NULL ORDER BY 1);
    INSERT INTO audit.baseline AS b (store, entrypoint, kind, algorithm, server_major, run_id, columns, settings)
    VALUES (p_store, root, kind, audit.dataset_algorithm(), audit.server_major(), p_run_id,
            (SELECT jsonb_agg(jsonb_build_object('name', c.name, 'type', c.type)) FROM audit.dataset_columns(p_store) c),
            jsonb_build_object('newest_day', newest, 'days', offsets, 'keys_per_day', keys_per_day)) RETURNING b.baseline_id INTO baseline_id;
    INSERT INTO audit.dataset_baseline (baseline_id, day, rows, day_hash)
    SELECT baseline_id, g.day, g.rows, g.day_hash FROM audit.dataset_digest(p_store, days, names) g;
    GET DIAGNOSTICS objects_or_days = ROW_COUNT;
    INSERT INTO audit.dataset_baseline_key (baseline_id, day, key, row_hash, column_values)
    SELECT baseline_id, q.day, q.key, q.row_hash, q.column_values
      FROM (SELECT r.*, row_number() OVER (PARTITION BY r.day ORDER BY r.key COLLATE "C") AS o FROM audit.dataset_rows(p_store, days, names) r) q
     WHERE q.o <= keys_per_day
    ON CONFLICT DO NOTHING;   -- a key that is there twice: for the gate key-unique to tell
    INSERT INTO audit.input_baseline (baseline_id, relation, day, rows, day_hash)
    SELECT baseline_id, e ->> 'relation', g.day, g.rows, g.day_hash
      FROM jsonb_array_elements(coalesce(settings -> 'raw', '[]')) e, LATERAL audit.raw_digest(p_store, e ->> 'relation', e ->> 'time', days) g
    ON CONFLICT DO NOTHING;
    SELECT count(*) INTO changed FROM audit.baseline_diff(baseline_id);
    message := format('%s days up to %s, %s other than in the approved baseline', objects_or_days, newest, changed);
    RETURN NEXT;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.approve_baseline(p_baseline_id bigint, p_reviewer text, p_reason text, p_git_commit text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  one audit.baseline;
BEGIN
  SELECT * INTO one FROM audit.baseline b WHERE b.baseline_id = p_baseline_id FOR UPDATE;
  IF one.baseline_id IS NULL THEN
    RAISE EXCEPTION 'there is no baseline %', p_baseline_id USING ERRCODE = '22023';
  ELSIF one.status <> 'proposed' THEN
    RAISE EXCEPTION 'baseline % is % already', p_baseline_id, one.status USING ERRCODE = '22023';
  ELSIF coalesce(btrim(p_reviewer), '') = '' OR coalesce(btrim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'a baseline is approved by a reviewer for a reason: both are needed' USING ERRCODE = '22023';
  END IF;
  UPDATE audit.baseline SET status = 'superseded' WHERE store = one.store AND kind = one.kind AND status = 'approved';
  UPDATE audit.baseline
     SET status = 'approved', reviewed_at = clock_timestamp(), reviewer = p_reviewer, reason = p_reason, git_commit = p_git_commit, approved_xid = pg_current_xact_id()
   WHERE baseline_id = p_baseline_id;
END
$$;

REVOKE ALL ON FUNCTION audit.propose_baseline(text, bigint), audit.approve_baseline(bigint, text, text, text) FROM PUBLIC;
