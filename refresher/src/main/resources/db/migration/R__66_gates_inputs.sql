-- Gates on amounts and inputs. No row = passed; a gate that had nothing to look at has not passed.

-- How many rows, and how many more or less than in the last certificate. What this run counts becomes the reference when it is certified.
CREATE OR REPLACE FUNCTION audit.gate_row_count(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
  settings jsonb := audit.settings_of(p_store, 'row-count');
  at_least bigint := (settings ->> 'min')::bigint;
  at_most bigint := (settings ->> 'max')::bigint;
  drop_limit numeric := (settings ->> 'max_drop_percent')::numeric;
  growth_limit numeric := (settings ->> 'max_growth_percent')::numeric;
  counted bigint;
  before bigint;
  percent numeric;
  seen text;
BEGIN
  IF coalesce(at_least, at_most) IS NULL AND coalesce(drop_limit, growth_limit) IS NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'row-count', 'min, max, max_drop_percent or max_growth_percent', 'no limit is set');
    RETURN;
  END IF;
  EXECUTE format('SELECT count(*) FROM %s', root) INTO counted;
  INSERT INTO audit.run_row_count AS c (run_id, store, rows)
  SELECT r.run_id, p_store, counted FROM audit.run r WHERE r.outcome = 'running' AND r.backend_pid = pg_backend_pid() ORDER BY r.run_id DESC LIMIT 1
  ON CONFLICT (run_id, store) DO UPDATE SET rows = excluded.rows;
  seen := audit.counted(counted, 'row');
  IF counted < at_least THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'row-count', format('at least %s', audit.counted(at_least, 'row')), seen, format('%s has %s, fewer than %s', root, seen, at_least));
  END IF;
  IF counted > at_most THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'row-count', format('at most %s', audit.counted(at_most, 'row')), seen, format('%s has %s, more than %s', root, seen, at_most));
  END IF;
  IF coalesce(drop_limit, growth_limit) IS NULL THEN
    RETURN;
  END IF;
  SELECT c.rows INTO before FROM audit.certificate_history h JOIN audit.run_row_count c ON c.run_id = h.run_id AND c.store = p_store
   WHERE h.entrypoint = root AND h.status = 'CERTIFIED' ORDER BY h.history_id DESC LIMIT 1;
  IF before IS NULL THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'row-count', 'the number of rows of the last certificate', seen,
      format('nothing to compare with yet: no certificate of %s came with a number of rows; the %s of this run become the reference', root, seen), p_severity => 'warn');
    RETURN;
  END IF;
  percent := CASE WHEN before = 0 THEN CASE WHEN counted = 0 THEN 0 ELSE 100 END ELSE 100.0 * (counted - before) / before END;
  IF percent < -drop_limit OR percent > growth_limit THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'row-count',
      concat_ws(', ', format('the %s of the last certificate', before), '-' || drop_limit || ' %', '+' || growth_limit || ' %'), seen,
      format('%s has %s, %s %% %s than the last certificate (%s)', root, seen, round(abs(percent), 1), CASE WHEN percent < 0 THEN 'fewer' ELSE 'more' END, before),
      jsonb_build_object('rows', counted, 'rows_certified', before, 'percent', round(percent, 1)));
  END IF;
END
$$;

-- The newest row of each input is young enough, by the server's clock. A date is as old as the end of its day.
CREATE OR REPLACE FUNCTION audit.gate_freshness_of_input(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  zone text := (SELECT y.time_zone FROM audit.entrypoint_policy y WHERE y.store = p_store);
  inputs jsonb := coalesce(audit.settings_of(p_store, 'freshness-of-input') -> 'inputs', '[]');
  input record;
  relation oid;
  type regtype;
  newest timestamptz;
  ahead boolean;
  age interval;
  wanted text;
  seen text;
BEGIN
  IF inputs = '[]' THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'freshness-of-input', 'at least one input', 'no input is named');
  END IF;
  FOR input IN SELECT e ->> 'relation' AS name, e ->> 'column' AS col, (e ->> 'max_age')::interval AS max_age FROM jsonb_array_elements(inputs) e LOOP
    relation := to_regclass(input.name);
    type := audit.column_type(relation, input.col);
    wanted := format('a row of the last %s by %I', input.max_age, input.col);
    IF audit.time_expression(type, input.col, zone, true) IS NULL THEN
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'freshness-of-input', wanted,
        CASE WHEN relation IS NULL THEN 'no such relation' ELSE coalesce(format('a column of %s', type), 'no such column') END,
        format('the gate checked nothing for %s: %s', input.name, CASE WHEN relation IS NULL THEN 'it does not exist' ELSE format('it has no column %I of a date or a timestamp', input.col) END),
        p_object => input.name);
      CONTINUE;
    END IF;
    -- a row of some day to come, by mistake or on purpose, says nothing of when rows came last
    EXECUTE format('SELECT max(%1$s) FROM %2$s WHERE %1$s < statement_timestamp() + interval ''1 day''', audit.time_expression(type, input.col, zone, false), audit.relation_name(relation)) INTO newest;
    IF type = 'date'::regtype THEN
      newest := ((newest AT TIME ZONE zone)::date + 1)::timestamp AT TIME ZONE zone;
    END IF;
    age := clock_timestamp() - newest;
    IF newest IS NULL THEN
      EXECUTE format('SELECT count(%I) > 0 FROM %s', input.col, audit.relation_name(relation)) INTO ahead;
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'freshness-of-input', wanted, CASE WHEN ahead THEN 'rows of days to come' ELSE 'no row with a value' END,
        format('%s has no row with a value in %I%s', input.name, input.col, CASE WHEN ahead THEN ' but of days to come' ELSE '' END), p_object => input.name);
    ELSIF age > input.max_age THEN
      seen := to_char(newest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'freshness-of-input', wanted, seen,
        format('the newest row of %s is %s old, limit %s (%I up to %s)', input.name, date_trunc('second', age), input.max_age, input.col, seen),
        jsonb_build_object('relation', input.name, 'newest', seen), input.name);
    END IF;
  END LOOP;
END
$$;

-- Queries of the store's own that must return no row; each is told by its name, whatever becomes of the others.
CREATE OR REPLACE FUNCTION audit.gate_sql(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  settings jsonb := audit.settings_of(p_store, 'sql');
  checks jsonb := coalesce(settings -> 'checks', '[]');
  most int := coalesce((settings ->> 'max_examples')::int, 5);
  root text[] := ARRAY[audit.entrypoint_of_store(p_store)];
  query record;
  n bigint;
  rows jsonb;
  complaint text;
  state text;
BEGIN
  IF checks = '[]' THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'sql', 'at least one query', 'no query is named');
  END IF;
  FOR query IN SELECT e ->> 'name' AS name, e ->> 'query' AS text, e ->> 'meaning' AS meaning FROM jsonb_array_elements(checks) e LOOP
    n := 0; complaint := NULL;
    BEGIN
      -- the line break ends a comment at the end of the query
      EXECUTE format(E'SELECT count(*), jsonb_agg(to_jsonb(q) - ''guarded_row'') FILTER (WHERE q.guarded_row <= %s) FROM (SELECT w.*, row_number() OVER () AS guarded_row FROM (%s\n) w) q', most,
                     regexp_replace(query.text, ';\s*$', '')) INTO n, rows;
    EXCEPTION
      WHEN query_canceled OR serialization_failure OR deadlock_detected OR lock_not_available OR admin_shutdown OR crash_shutdown THEN
        RAISE;
      WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS complaint = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    END;
    IF complaint IS NOT NULL THEN
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'sql', 'no row', format('SQLSTATE %s', state), format('%s could not run: %s', query.name, complaint), NULL, query.name, root);
    ELSIF n > 0 THEN
      RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'sql', 'no row', audit.counted(n, 'row'), format('%s: %s%s', query.name, audit.counted(n, 'row'), coalesce(', ' || query.meaning, '')), rows,
        query.name, root);
    END IF;
  END LOOP;
END
$$;

-- What plain views compute at every read: tables, whose rows change without a refresh, and "current" selectors. Allowed ones carry a reason. A table
-- that a step of the store writes changes with the refresh; a partition is told by its parent.
CREATE OR REPLACE FUNCTION audit.gate_live_input(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH setting AS (SELECT s, CASE WHEN s -> 'current' IS NULL THEN ARRAY['*.current*', '*.*_current*'] ELSE audit.texts_of(s -> 'current') END AS selectors
                     FROM audit.settings_of(p_store, 'live-input') s)
  SELECT c.object, c.path, 'no data that change without a refresh',
         CASE WHEN c.kind = 'v' THEN 'a selector of what is current' WHEN c.kind = 'f' THEN 'a foreign table' ELSE 'a table' END, NULL::jsonb,
         CASE WHEN c.kind = 'v' THEN format('%s selects what is current, at every read; path %s', c.object, array_to_string(c.path, ' → '))
              ELSE format('%s is read live: a write to it changes certified rows without a refresh; path %s', c.object, array_to_string(c.path, ' → ')) END,
         'refresher explain live-input', audit.graded(p_store, 'live-input', 'block')
    FROM audit.closure(audit.entrypoint_of_store(p_store)) c, setting
   WHERE (c.kind <> 'function' AND c.oid IN (SELECT t.oid FROM audit.live_tables(p_store) t) OR c.kind = 'v' AND EXISTS (SELECT 1 FROM unnest(setting.selectors) p WHERE audit.matches(c.object, p)))
     AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(setting.s -> 'allow', '[]')) a
                      WHERE audit.matches(c.object, a ->> 'relation') AND coalesce(a ->> 'reason', '') <> '')
     AND c.live AND c.depth > 0
   ORDER BY c.depth, c.object
$$;
