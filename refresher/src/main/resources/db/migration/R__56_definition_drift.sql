-- Definition gate: what executes is what was approved.

-- What a definition says whatever its spelling: no layout, no parentheses, no qualified columns. Two majors of PostgreSQL print one view differently.
CREATE OR REPLACE FUNCTION audit.definition_normal_form(p_definition text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(t.kind || ':' || t.token, ' ' ORDER BY t.n)
  FROM (SELECT s.n, CASE s.kind WHEN 'quoted' THEN 'word' ELSE s.kind END AS kind, s.token, lead(s.token) OVER (ORDER BY s.n) AS next
        FROM audit.sql_tokens(p_definition) s) t
  WHERE NOT (t.kind = 'symbol' AND t.token IN ('(', ')', '.', ';')) AND NOT (t.kind = 'word' AND t.next = '.')
$$;

-- The changed lines of a text, by the longest common subsequence; at most p_limit of them. A comma at the end and the indent are no change.
CREATE OR REPLACE FUNCTION audit.text_diff(p_old text, p_new text, p_limit int) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  o text[] := string_to_array(p_old, E'\n');
  w text[] := string_to_array(p_new, E'\n');
  ok text[];
  wk text[];
  lengths int[];
  head int := 0;
  rows int;
  columns int;
  stride int;
  i int;
  j int;
  result text[] := '{}';
BEGIN
  ok := ARRAY(SELECT btrim(l, ' ,') FROM unnest(o) WITH ORDINALITY t (l, n) ORDER BY n);
  wk := ARRAY(SELECT btrim(l, ' ,') FROM unnest(w) WITH ORDINALITY t (l, n) ORDER BY n);
  rows := coalesce(array_length(o, 1), 0);
  columns := coalesce(array_length(w, 1), 0);
  WHILE head < rows AND head < columns AND ok[head + 1] = wk[head + 1] LOOP
    head := head + 1;
  END LOOP;
  WHILE rows > head AND columns > head AND ok[rows] = wk[columns] LOOP
    rows := rows - 1;
    columns := columns - 1;
  END LOOP;
  stride := columns - head + 1;
  IF (rows - head)::bigint * (columns - head) > 60000 THEN   -- too much to align: all that went, then all that came
    lengths := NULL;
  ELSE
    lengths := array_fill(0, ARRAY[(rows - head + 1) * stride]);
    FOR i IN REVERSE rows - head - 1 .. 0 LOOP
      FOR j IN REVERSE columns - head - 1 .. 0 LOOP
        lengths[i * stride + j + 1] := CASE WHEN ok[head + i + 1] = wk[head + j + 1] THEN lengths[(i + 1) * stride + j + 2] + 1
          ELSE greatest(lengths[(i + 1) * stride + j + 1], lengths[i * stride + j + 2]) END;
      END LOOP;
    END LOOP;
  END IF;
  i := 0;
  j := 0;
  WHILE (i < rows - head OR j < columns - head) AND coalesce(array_length(result, 1), 0) < p_limit LOOP
    IF i < rows - head AND j < columns - head AND ok[head + i + 1] = wk[head + j + 1] THEN
      i := i + 1;
      j := j + 1;
    ELSIF i < rows - head AND (j >= columns - head OR lengths IS NULL OR lengths[(i + 1) * stride + j + 1] >= lengths[i * stride + j + 2]) THEN
      i := i + 1;
      result := result || ('- ' || o[head + i]);
    ELSE
      j := j + 1;
      result := result || ('+ ' || w[head + j]);
    END IF;
  END LOOP;
  RETURN result;
END
$$;

CREATE OR REPLACE FUNCTION audit.definition_algorithm() RETURNS int LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 2 $$;
CREATE OR REPLACE FUNCTION audit.dataset_algorithm() RETURNS int LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION audit.server_major() RETURNS int LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT current_setting('server_version_num')::int / 10000 $$;

-- The approved baseline of a store, unless this very transaction approved it.
CREATE OR REPLACE FUNCTION audit.approved_baseline(p_store text, p_kind text) RETURNS audit.baseline
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT b FROM audit.baseline b
   WHERE b.store = p_store AND b.kind = p_kind AND b.status = 'approved' AND b.approved_xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
$$;

CREATE OR REPLACE FUNCTION audit.gate_definition_drift(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  base audit.baseline := audit.approved_baseline(p_store, 'definition');
  propose text := format('refresher baseline propose %s', p_store);
  upgraded boolean := base.server_major <> audit.server_major();
  d record;
  diff text[];
BEGIN
  IF base.baseline_id IS NULL OR NOT EXISTS (SELECT 1 FROM audit.definition_baseline x WHERE x.baseline_id = base.baseline_id) THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'definition-drift', 'an approved baseline', 'none',
      'the gate checked nothing: no definition baseline has been approved before this run', p_next => propose);
    RETURN;
  END IF;
  IF base.algorithm <> audit.definition_algorithm() THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'definition-drift', format('fingerprints of algorithm %s', audit.definition_algorithm()), format('algorithm %s', base.algorithm),
      format('baseline %s was made by another fingerprint algorithm and can''t be compared', base.baseline_id), p_next => propose);
    RETURN;
  END IF;
  FOR d IN
    SELECT coalesce(n.object, o.object) AS object, n.path, o.definition AS was, n.definition AS is_now, o.fingerprint AS old_print, n.fingerprint AS new_print
      FROM audit.definitions(root) n
           FULL JOIN (SELECT * FROM audit.definition_baseline x WHERE x.baseline_id = base.baseline_id) o ON o.object = n.object
     WHERE n.fingerprint IS DISTINCT FROM o.fingerprint
     ORDER BY n.path IS NULL, array_length(n.path, 1), 1
  LOOP
    CONTINUE WHEN upgraded AND audit.definition_normal_form(d.was) = audit.definition_normal_form(d.is_now);
    diff := CASE WHEN d.was IS NULL OR d.is_now IS NULL THEN '{}' ELSE audit.text_diff(d.was, d.is_now, 40) END;
    RETURN QUERY SELECT d.object, d.path, coalesce('sha256 ' || left(d.old_print, 16), 'not in the closure'), coalesce('sha256 ' || left(d.new_print, 16), 'no longer in the closure'),
      jsonb_build_object('diff', to_jsonb(diff), 'baseline', base.baseline_id),
      CASE WHEN d.was IS NULL THEN format('%s is new in the closure: %s', d.object, array_to_string(d.path, ' → '))
           WHEN d.is_now IS NULL THEN format('%s is no longer in the closure', d.object)
           WHEN upgraded THEN format('%s reads differently since the server went from major %s to %s, beyond what an upgrade respells', d.object, base.server_major, audit.server_major())
           ELSE format('%s changed since baseline %s was approved by %s: %s', d.object, base.baseline_id, base.reviewer,
                       coalesce((SELECT x FROM unnest(diff) WITH ORDINALITY u (x, o) ORDER BY starts_with(x, '+') DESC, o LIMIT 1), 'the layout')) END,
      propose, audit.graded(p_store, 'definition-drift', 'block');
  END LOOP;
END
$$;
