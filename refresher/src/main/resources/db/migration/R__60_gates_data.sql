-- Data gates: they speak about the rows. No row = passed. Each looks at the store in one pass; only what failed is looked at again, for examples.

CREATE OR REPLACE FUNCTION audit.gate_sla_leakage(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  relation oid := to_regclass(root);
  settings jsonb := audit.settings_of(p_store, 'sla-leakage');
  flag text := settings ->> 'flag';
  prefixes text[] := ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(settings -> 'prefixes') WHEN 'array' THEN settings -> 'prefixes' ELSE '[]' END));
  max_examples int := coalesce((settings ->> 'max_examples')::int, 5);
  policy audit.entrypoint_policy;
  columns text[];
  bad text[];
  counts bigint[];
  rows_seen bigint;
  flagged bigint;
  keys text;
  samples jsonb;
  shown jsonb;
  x text;
  n bigint;
BEGIN
  SELECT * INTO policy FROM audit.entrypoint_policy y WHERE y.store = p_store;
  IF flag IS NULL OR prefixes = '{}' THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'sla-leakage', 'settings flag and prefixes', 'it needs a flag column and at least one prefix');
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = flag AND a.atttypid = 'bool'::regtype AND a.attnum > 0 AND NOT a.attisdropped) THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'sla-leakage', format('a boolean column %I', flag),
      format('%s has no boolean column %I: nothing says which rows are within their SLA', root, flag));
    RETURN;
  END IF;
  -- starts_with, not LIKE: the _ of img__ is a letter
  columns := ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> flag
                    AND EXISTS (SELECT 1 FROM unnest(prefixes) p WHERE starts_with(a.attname::text, p)) ORDER BY a.attnum);
  FOR x IN SELECT p FROM unnest(prefixes) p WHERE NOT EXISTS (SELECT 1 FROM unnest(columns) c WHERE starts_with(c, p)) LOOP
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'sla-leakage', format('columns that start with %s', x), 'none',
      format('the gate checked nothing for %s: %s has no column that starts so', x, root));
  END LOOP;
  IF columns = '{}' THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %1$I IS NOT TRUE), ARRAY[%2$s] FROM %3$s', flag,
                 (SELECT string_agg(format('count(%I) FILTER (WHERE %I IS NOT TRUE)', c, flag), ', ' ORDER BY o) FROM unnest(columns) WITH ORDINALITY u (c, o)), root)
    INTO rows_seen, flagged, counts;
  IF rows_seen = 0 THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'sla-leakage', 'rows', format('%s has no row', root));
    RETURN;
  END IF;
  bad := ARRAY(SELECT c FROM unnest(columns, counts) WITH ORDINALITY u (c, n, o) WHERE n > 0 ORDER BY o);
  IF bad = '{}' THEN
    RETURN;
  END IF;
  SELECT string_agg(quote_ident(k), ', ' ORDER BY o) INTO keys FROM unnest(policy.key_columns) WITH ORDINALITY u (k, o);
  -- a row with a NULL flag is not known to be within its SLA: it counts as outside
  EXECUTE format('SELECT jsonb_agg(e) FROM (SELECT jsonb_build_object(''key'', textin(record_out(ROW(%1$s))), ''flag'', %2$I, ''columns'', to_jsonb(array_remove(ARRAY[%3$s], NULL))) AS e
                    FROM %4$s WHERE %2$I IS NOT TRUE AND (%5$s) ORDER BY %1$s LIMIT 200) q', keys, flag,
                 (SELECT string_agg(format('CASE WHEN %I IS NOT NULL THEN %L::text END', c, c), ', ' ORDER BY o) FROM unnest(bad) WITH ORDINALITY u (c, o)), root,
                 (SELECT string_agg(format('%I IS NOT NULL', c), ' OR ' ORDER BY o) FROM unnest(bad) WITH ORDINALITY u (c, o)))
    INTO samples;
  FOR x, n IN SELECT c, counts[array_position(columns, c)] FROM unnest(bad) c LOOP
    shown := (SELECT coalesce(jsonb_agg(e.v ->> 'key' ORDER BY e.o), '[]') FROM (
      SELECT v, o FROM jsonb_array_elements(samples) WITH ORDINALITY t (v, o) WHERE v -> 'columns' ? x ORDER BY o LIMIT max_examples) e);
    IF shown = '[]' THEN   -- it leaks in later rows than the others
      EXECUTE format('SELECT coalesce(jsonb_agg(q.k), ''[]'') FROM (SELECT textin(record_out(ROW(%1$s))) AS k FROM %2$s WHERE %3$I IS NOT TRUE AND %4$I IS NOT NULL ORDER BY %1$s LIMIT %5$s) q',
                     keys, root, flag, x, max_examples) INTO shown;
    END IF;
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'sla-leakage', format('%I is NULL in the %s rows where %I is not true', x, flagged, flag), format('%s with a value', audit.counted(n, 'row')),
      format('%I has a value in %s outside of the SLA, e.g. %s', x, audit.counted(n, 'row'),
        (SELECT string_agg(k, ', ') FROM jsonb_array_elements_text(shown) k)),
      jsonb_build_object('column', x, 'rows', n, 'outside_sla', flagged, 'keys', shown));
  END LOOP;
END
$$;

-- The columns that are hashed: by name, so that another order of columns is no other data.
CREATE OR REPLACE FUNCTION audit.dataset_columns(p_store text) RETURNS TABLE (name text, type text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a
   WHERE a.attrelid = to_regclass(audit.entrypoint_of_store(p_store)) AND a.attnum > 0 AND NOT a.attisdropped
     AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(coalesce(audit.settings_of(p_store, 'dataset-hash') -> 'exclude_columns', '[]')) x WHERE x = a.attname)
   ORDER BY a.attname COLLATE "C"
$$;

-- The T0 day of a row, in the store's time zone, as an SQL expression.
CREATE OR REPLACE FUNCTION audit.day_expression(p_store text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE a.atttypid WHEN 'timestamptz'::regtype THEN format('(%I AT TIME ZONE %L)::date', y.anchor_column, y.time_zone) ELSE format('%I::date', y.anchor_column) END
    FROM audit.entrypoint_policy y JOIN pg_attribute a ON a.attrelid = to_regclass(y.entrypoint) AND a.attname = y.anchor_column
   WHERE y.store = p_store
$$;

-- A range condition beside the day list: an index or a partition can use it.
CREATE OR REPLACE FUNCTION audit.day_condition(p_store text, p_days date[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE a.atttypid
           WHEN 'timestamptz'::regtype THEN format('%1$I >= (%2$L::timestamp AT TIME ZONE %4$L) AND %1$I < (%3$L::timestamp AT TIME ZONE %4$L)', y.anchor_column,
                (SELECT min(d) FROM unnest(p_days) d), (SELECT max(d) + 1 FROM unnest(p_days) d), y.time_zone)
           ELSE format('%1$I >= %2$L::date AND %1$I < %3$L::date', y.anchor_column, (SELECT min(d) FROM unnest(p_days) d), (SELECT max(d) + 1 FROM unnest(p_days) d)) END
         || format(' AND %s = ANY (%L::date[])', audit.day_expression(p_store), p_days)
    FROM audit.entrypoint_policy y JOIN pg_attribute a ON a.attrelid = to_regclass(y.entrypoint) AND a.attname = y.anchor_column
   WHERE y.store = p_store
$$;

-- Number of rows and hash of whole days, one pass over the store for all of them. The hash of a day is made of the sums of its rows' SHA-256 (128 of the
-- bits), so the order of rows has no part in it, memory does not grow with them, and parallel workers can share the work. Settings that change how a value is
-- spelled are pinned on the function.
CREATE OR REPLACE FUNCTION audit.dataset_digest(p_store text, p_days date[], p_columns text[]) RETURNS TABLE (day date, rows bigint, day_hash text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET xmloption = 'content' SET lc_monetary = 'C' SET jit = off
AS $$
BEGIN
  IF coalesce(array_length(p_days, 1), 0) = 0 THEN
    RETURN;
  END IF;
  -- OFFSET 0: each row is hashed once, not once a sum; and days are a few groups to hash, not many to sort
  RETURN QUERY EXECUTE format(
    'SELECT d, count(*), encode(sha256(convert_to(concat_ws('':'', count(*), sum((''x'' || left(h, 16))::bit(64)::int8), sum((''x'' || substr(h, 17, 16))::bit(64)::int8)), ''UTF8'')), ''hex'')
       FROM (SELECT %1$s AS d, encode(sha256(convert_to(textin(record_out(ROW(%2$s))), ''UTF8'')), ''hex'') AS h FROM %3$s WHERE %4$s OFFSET 0) q GROUP BY d',
    audit.day_expression(p_store), (SELECT string_agg(quote_ident(c), ', ' ORDER BY o) FROM unnest(p_columns) WITH ORDINALITY u (c, o)),
    audit.entrypoint_of_store(p_store), audit.day_condition(p_store, p_days));
END
$$;

-- The rows of some days with every value as text, spelled under the same settings. A column that is gone comes as NULL.
CREATE OR REPLACE FUNCTION audit.dataset_rows(p_store text, p_days date[], p_columns text[]) RETURNS TABLE (day date, key text, row_hash bytea, column_values text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET xmloption = 'content' SET lc_monetary = 'C' SET jit = off
AS $$
DECLARE
  keep boolean := coalesce((audit.settings_of(p_store, 'dataset-hash') ->> 'keep_values')::boolean, true);
BEGIN
  IF coalesce(array_length(p_days, 1), 0) = 0 THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT %1$s, textin(record_out(ROW(%2$s))), sha256(convert_to(textin(record_out(ROW(%3$s))), ''UTF8'')), ARRAY[%4$s]::text[] FROM %5$s WHERE %6$s',
    audit.day_expression(p_store),
    (SELECT string_agg(quote_ident(k), ', ' ORDER BY o) FROM audit.entrypoint_policy y, unnest(y.key_columns) WITH ORDINALITY u (k, o) WHERE y.store = p_store),
    (SELECT string_agg(CASE WHEN n.name IS NULL THEN 'NULL' ELSE quote_ident(c) END, ', ' ORDER BY o) FROM unnest(p_columns) WITH ORDINALITY u (c, o) LEFT JOIN audit.dataset_columns(p_store) n ON n.name = c),
    (SELECT string_agg(CASE WHEN n.name IS NULL THEN 'NULL' WHEN keep THEN format('%I::text', c) ELSE format('left(encode(sha256(convert_to(%I::text, ''UTF8'')), ''hex''), 16)', c) END, ', ' ORDER BY o)
       FROM unnest(p_columns) WITH ORDINALITY u (c, o) LEFT JOIN audit.dataset_columns(p_store) n ON n.name = c),
    audit.entrypoint_of_store(p_store), audit.day_condition(p_store, p_days));
END
$$;

CREATE OR REPLACE FUNCTION audit.dataset_days(p_store text) RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN EXISTS (SELECT 1 FROM audit.baseline b WHERE b.store = p_store AND b.kind = 'dataset' AND b.status = 'approved')
              THEN (SELECT count(*) FROM audit.baseline b JOIN audit.dataset_baseline d ON d.baseline_id = b.baseline_id
                     WHERE b.store = p_store AND b.kind = 'dataset' AND b.status = 'approved')
              -- days that only an old hash speaks for
              WHEN audit.old_hash_function() IS NOT NULL
              THEN (SELECT count(DISTINCT o.t0_day) FROM audit.t0_dataset_hash_baseline o JOIN audit.entrypoint_policy y ON y.entrypoint = o.entrypoint WHERE y.store = p_store)
              ELSE 0 END::int
$$;

-- Where two sets of days differ, day by day: the old from a baseline, the new from the store as it is.
CREATE OR REPLACE FUNCTION audit.dataset_drift(p_store text, p_baseline_id bigint)
RETURNS TABLE (day date, noise boolean, summary text, old_rows bigint, new_rows bigint, old_hash text, new_hash text, examples jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  settings jsonb := audit.settings_of(p_store, 'dataset-hash');
  tolerance float8 := coalesce((settings ->> 'float_tolerance')::float8, 1e-9);
  max_examples int := coalesce((settings ->> 'max_examples')::int, 5);
  keep boolean := coalesce((settings ->> 'keep_values')::boolean, true);
  base audit.baseline;
  names text[];
  types text[];
  bad date[];
  was_rows bigint[];
  is_rows bigint[];
  was_hash text[];
  is_hash text[];
  comparable boolean[];
  r record;
BEGIN
  SELECT * INTO base FROM audit.baseline b WHERE b.baseline_id = p_baseline_id;
  SELECT array_agg(c.name ORDER BY o), array_agg(c.type ORDER BY o) INTO names, types
    FROM ROWS FROM (jsonb_to_recordset(base.columns) AS (name text, type text)) WITH ORDINALITY c (name, type, o);
  comparable := ARRAY(SELECT n.name IS NOT NULL FROM unnest(names) WITH ORDINALITY u (c, o) LEFT JOIN audit.dataset_columns(p_store) n ON n.name = u.c ORDER BY o);
  IF false = ANY (comparable) THEN
    SELECT array_agg(b.day ORDER BY b.day), array_agg(b.rows ORDER BY b.day), array_agg(NULL::bigint), array_agg(b.day_hash ORDER BY b.day), array_agg(NULL::text)
      INTO bad, was_rows, is_rows, was_hash, is_hash FROM audit.dataset_baseline b WHERE b.baseline_id = p_baseline_id;
  ELSE
    SELECT array_agg(b.day ORDER BY b.day), array_agg(b.rows ORDER BY b.day), array_agg(coalesce(n.rows, 0) ORDER BY b.day), array_agg(b.day_hash ORDER BY b.day),
           array_agg(n.day_hash ORDER BY b.day)
      INTO bad, was_rows, is_rows, was_hash, is_hash
      FROM audit.dataset_baseline b
           LEFT JOIN audit.dataset_digest(p_store, ARRAY(SELECT x.day FROM audit.dataset_baseline x WHERE x.baseline_id = p_baseline_id), names) n ON n.day = b.day
     WHERE b.baseline_id = p_baseline_id AND n.day_hash IS DISTINCT FROM b.day_hash;
  END IF;
  IF bad IS NULL THEN
    RETURN;
  END IF;
  FOR r IN
    WITH days AS (SELECT u.* FROM unnest(bad, was_rows, is_rows, was_hash, is_hash) AS u (day, old_rows, new_rows, old_hash, new_hash)),
    fresh AS MATERIALIZED (SELECT f.* FROM audit.dataset_rows(p_store, bad, names) f),
    kept AS MATERIALIZED (SELECT k.* FROM audit.dataset_baseline_key k WHERE k.baseline_id = p_baseline_id AND k.day = ANY (bad)),
    whole AS (SELECT g.day, g.old_rows = (SELECT count(*) FROM kept k WHERE k.day = g.day) AS all_kept FROM days g),
    pairs AS MATERIALIZED (
      SELECT coalesce(k.day, f.day) AS day, coalesce(k.key, f.key) AS key, k.key IS NULL AS added, f.key IS NULL AS gone, k.column_values AS was, f.column_values AS is_now
        FROM kept k FULL JOIN fresh f ON f.day = k.day AND f.key = k.key
       WHERE k.row_hash IS DISTINCT FROM f.row_hash),
    cells AS MATERIALIZED (
      SELECT p.day, p.key, names[c.i] AS name, c.was, c.is_now,
             keep AND types[c.i] IN ('double precision', 'real') AND c.was IS NOT NULL AND c.is_now IS NOT NULL
               AND (CASE WHEN c.was::float8 IN ('NaN', 'Infinity', '-Infinity') OR c.is_now::float8 IN ('NaN', 'Infinity', '-Infinity') THEN c.was = c.is_now
                         ELSE abs(c.was::float8 - c.is_now::float8) <= (CASE types[c.i] WHEN 'real' THEN greatest(tolerance, 1e-6) ELSE tolerance END) * greatest(abs(c.was::float8), abs(c.is_now::float8)) END) AS noise
        FROM pairs p, LATERAL unnest(p.was, p.is_now) WITH ORDINALITY AS c (was, is_now, i)
       WHERE NOT p.added AND NOT p.gone AND c.was IS DISTINCT FROM c.is_now AND comparable[c.i])
    SELECT g.*, w.all_kept,
           (SELECT count(DISTINCT f.key) FROM fresh f WHERE f.day = g.day) AS counted,
           (SELECT count(*) FROM pairs p WHERE p.day = g.day AND p.gone) AS gone,
           (SELECT count(*) FROM pairs p WHERE p.day = g.day AND p.added AND w.all_kept) AS added,
           (SELECT coalesce(bool_and(c.noise), false) FROM cells c WHERE c.day = g.day) AS noisy,
           (SELECT jsonb_object_agg(x.name, x.n) FROM (SELECT c.name, count(*) AS n FROM cells c WHERE c.day = g.day AND NOT c.noise GROUP BY 1) x) AS columns,
           (SELECT string_agg(format('%I in %s', x.name, audit.counted(x.n, 'row')), ', ' ORDER BY x.n DESC, x.name) FILTER (WHERE x.o <= 6)
                   || CASE WHEN max(x.o) > 6 THEN format(' and %s more', audit.counted(max(x.o) - 6, 'column')) ELSE '' END
              FROM (SELECT c.name, count(*) AS n, row_number() OVER (ORDER BY count(*) DESC, c.name) AS o FROM cells c WHERE c.day = g.day AND NOT c.noise GROUP BY 1) x) AS told,
           (SELECT jsonb_agg(jsonb_build_object('key', x.key, 'column', x.name, 'old', left(x.was, 120), 'new', left(x.is_now, 120)) ORDER BY x.n DESC, x.name, x.key)
              FROM (SELECT c.*, row_number() OVER (PARTITION BY c.name ORDER BY c.key) AS o, count(*) OVER (PARTITION BY c.name) AS n
                      FROM cells c WHERE c.day = g.day AND NOT c.noise) x WHERE x.o <= max_examples) AS cell_examples,
           (SELECT jsonb_agg(x.key) FROM (SELECT p.key FROM pairs p WHERE p.day = g.day AND p.gone ORDER BY p.key LIMIT max_examples) x) AS gone_keys,
           (SELECT jsonb_agg(x.key) FROM (SELECT p.key FROM pairs p WHERE p.day = g.day AND p.added AND w.all_kept ORDER BY p.key LIMIT max_examples) x) AS added_keys
      FROM days g JOIN whole w ON w.day = g.day ORDER BY g.day
  LOOP
    CONTINUE WHEN r.new_rows IS NULL AND r.told IS NULL AND r.gone = 0 AND r.added = 0;
    day := r.day; old_rows := r.old_rows; new_rows := coalesce(r.new_rows, r.counted); old_hash := r.old_hash; new_hash := r.new_hash;
    noise := r.all_kept AND r.noisy AND r.gone = 0 AND r.added = 0 AND old_rows = new_rows;
    summary := concat_ws('; ',
      CASE WHEN new_rows = 0 THEN format('the day has vanished (it had %s)', audit.counted(old_rows, 'row'))
           WHEN new_rows <> old_rows THEN format('%s instead of %s', audit.counted(new_rows, 'row'), old_rows) END,
      CASE WHEN r.gone > 0 AND new_rows > 0 THEN format('%s gone, e.g. %s', audit.counted(r.gone, 'key'), r.gone_keys ->> 0) END,
      CASE WHEN r.added > 0 THEN format('%s new, e.g. %s', audit.counted(r.added, 'key'), r.added_keys ->> 0) END,
      CASE WHEN r.told IS NOT NULL THEN format('%s, e.g. %s %s: %s → %s', r.told, r.cell_examples #>> '{0,key}', r.cell_examples #>> '{0,column}',
                                               coalesce(r.cell_examples #>> '{0,old}', 'NULL'), coalesce(r.cell_examples #>> '{0,new}', 'NULL')) END,
      CASE WHEN noise THEN 'only the last digits of floating point columns' END);
    IF summary = '' THEN
      summary := 'rows beyond the keys that the baseline kept';
    END IF;
    examples := audit.without_nulls(jsonb_build_object('day', day, 'rows_before', old_rows, 'rows_now', new_rows, 'columns', r.columns, 'cells', r.cell_examples,
                                                     'keys_gone', r.gone_keys, 'keys_new', r.added_keys));
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.gate_dataset_hash(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  base audit.baseline := audit.approved_baseline(p_store, 'dataset');
  propose text := format('refresher baseline propose %s', p_store);
  days int;
  tolerance audit.baseline_tolerance := audit.active_tolerance(p_store);
  newest date;
  tolerated boolean;
  d record;
BEGIN
  IF base.baseline_id IS NULL AND audit.old_hash_function() IS NOT NULL AND EXISTS (SELECT 1 FROM audit.t0_dataset_hash_baseline o WHERE o.entrypoint = root) THEN
    RETURN QUERY SELECT * FROM audit.old_hashes_unmet(p_store);
    RETURN;
  END IF;
  SELECT count(*) INTO days FROM audit.dataset_baseline x WHERE x.baseline_id = base.baseline_id;
  IF base.baseline_id IS NULL OR days = 0 THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'dataset-hash', 'an approved baseline with at least one day', CASE WHEN base.baseline_id IS NULL THEN 'none' ELSE 'zero days' END,
      CASE WHEN base.baseline_id IS NULL THEN 'the gate checked nothing: no dataset baseline has been approved before this run'
           ELSE format('the gate checked nothing: baseline %s holds no day', base.baseline_id) END, p_next => propose);
    RETURN;
  END IF;
  IF base.algorithm <> audit.dataset_algorithm() THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'dataset-hash', format('hashes of algorithm %s', audit.dataset_algorithm()), format('algorithm %s', base.algorithm),
      format('baseline %s was made by another hash algorithm and can''t be compared', base.baseline_id), p_next => propose);
    RETURN;
  END IF;
  -- other columns: told first, then the columns that both have are compared
  FOR d IN SELECT coalesce(n.name, o.name) AS name, o.type AS was, n.type AS is_now
             FROM audit.dataset_columns(p_store) n FULL JOIN jsonb_to_recordset(base.columns) AS o (name text, type text) ON o.name = n.name
            WHERE n.type IS DISTINCT FROM o.type ORDER BY 1 LOOP
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'dataset-hash',
      CASE WHEN d.was IS NULL THEN format('no column %I', d.name) ELSE format('column %I %s', d.name, d.was) END,
      CASE WHEN d.is_now IS NULL THEN format('no column %I', d.name) ELSE format('column %I %s', d.name, d.is_now) END,
      CASE WHEN d.was IS NULL THEN format('column %I is new: no baseline covers it', d.name) WHEN d.is_now IS NULL THEN format('column %I is gone', d.name)
           ELSE format('column %I was %s and is %s', d.name, d.was, d.is_now) END,
      jsonb_build_object('column', d.name, 'old_type', d.was, 'new_type', d.is_now), p_next => propose);
  END LOOP;
  FOR d IN SELECT * FROM audit.dataset_drift(p_store, base.baseline_id) x ORDER BY x.day LOOP
    IF tolerance.name IS NOT NULL AND newest IS NULL THEN
      EXECUTE format('SELECT max(%s) FROM %s', audit.day_expression(p_store), root) INTO newest;
    END IF;
    tolerated := coalesce(d.day > newest - tolerance.last_days AND d.new_rows > 0, false);   -- a day that vanished is no drift
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'dataset-hash', format('%s: %s, sha256 %s', d.day, audit.counted(d.old_rows, 'row'), left(d.old_hash, 16)),
      format('%s: %s, sha256 %s', d.day, audit.counted(d.new_rows, 'row'), coalesce(left(d.new_hash, 16), 'of other columns')),
      concat(format('%s: %s', d.day, d.summary), CASE WHEN NOT d.noise THEN audit.drift_source(p_store, base.baseline_id, d.day) END,
             CASE WHEN tolerated THEN format(' (tolerated by policy %s until %s)', tolerance.name, to_char(tolerance.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) END),
      d.examples, p_next => CASE WHEN NOT d.noise THEN propose END, p_severity => CASE WHEN d.noise OR tolerated THEN 'warn' ELSE 'block' END);
  END LOOP;
END
$$;
