-- Gates that hold the data contracts of a store. No row = passed; a gate that had nothing to look at has not passed.

CREATE OR REPLACE FUNCTION audit.texts_of(p_value jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE jsonb_typeof(p_value) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(p_value)) WHEN 'string' THEN ARRAY[p_value #>> '{}'] ELSE '{}' END
$$;

CREATE OR REPLACE FUNCTION audit.column_type(p_relation oid, p_column text) RETURNS regtype
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(nullif(y.typbasetype, 0), y.oid)::regtype   -- of a domain, what it is made of
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
   WHERE a.attrelid = p_relation AND a.attname = p_column AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- A column as an instant, or as a day of the store's time zone; null when the column tells neither.
CREATE OR REPLACE FUNCTION audit.time_expression(p_type regtype, p_column text, p_zone text, p_as_day boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(CASE p_type WHEN 'timestamptz'::regtype THEN CASE WHEN p_as_day THEN '(%1$I AT TIME ZONE %2$L)::date' ELSE '%1$I' END
                            WHEN 'timestamp'::regtype THEN CASE WHEN p_as_day THEN '%1$I::date' ELSE '(%1$I AT TIME ZONE %2$L)' END
                            WHEN 'date'::regtype THEN CASE WHEN p_as_day THEN '%1$I' ELSE '(%1$I::timestamp AT TIME ZONE %2$L)' END END, p_column, p_zone)
$$;

-- The key of a row as an SQL expression.
CREATE OR REPLACE FUNCTION audit.key_expression(p_columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('textin(record_out(ROW(%s)))', string_agg(quote_ident(k), ', ' ORDER BY o)) FROM unnest(p_columns) WITH ORDINALITY u (k, o)
$$;

-- How far the rows of a store reach: its newest anchor. A date counts from its beginning, in the store's time zone.
CREATE OR REPLACE FUNCTION audit.watermark(p_store text) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  policy audit.entrypoint_policy;
  moment text;
  newest timestamptz;
BEGIN
  SELECT * INTO policy FROM audit.entrypoint_policy y WHERE y.store = p_store;
  moment := audit.time_expression(audit.column_type(to_regclass(policy.entrypoint), policy.anchor_column), 'newest', policy.time_zone, false);
  IF moment IS NOT NULL THEN
    EXECUTE format('SELECT %s FROM (SELECT max(%I) AS newest FROM %s) q', moment, policy.anchor_column, policy.entrypoint) INTO newest;
  END IF;
  RETURN newest;
END
$$;

-- A condition that every row with a value in p_column must meet: what embargo and as-of-window have in common.
CREATE OR REPLACE FUNCTION audit.check_rows(p_store text, p_gate text, p_column text, p_anchor text, p_condition text, p_expected text, p_broken text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  keys text[] := (SELECT y.key_columns FROM audit.entrypoint_policy y WHERE y.store = p_store);
  most int := coalesce((audit.settings_of(p_store, p_gate) ->> 'max_examples')::int, 5);
  valued bigint;
  broken bigint;
BEGIN
  object := root; path := ARRAY[root]; severity := audit.graded(p_store, p_gate, 'block'); expected := p_expected;
  next_command := format('refresher explain %s', p_gate);
  EXECUTE format('SELECT count(%1$I), count(*) FILTER (WHERE %1$I IS NOT NULL AND (%2$s) IS NOT TRUE) FROM %3$s', p_column, p_condition, root) INTO valued, broken;
  IF valued = 0 THEN
    what_is := 'no row with a value'; message := format('the gate checked nothing: %I is NULL in every row of %s', p_column, root);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  ELSIF broken > 0 THEN
    EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''key'', q.k, ''value'', q.v, ''anchor'', q.a)) FROM (
                      SELECT %1$s AS k, %2$I::text AS v, %3$I::text AS a FROM %4$s WHERE %2$I IS NOT NULL AND (%5$s) IS NOT TRUE ORDER BY %6$s LIMIT %7$s) q',
                   audit.key_expression(keys), p_column, p_anchor, root, p_condition, (SELECT string_agg(quote_ident(k), ', ' ORDER BY o) FROM unnest(keys) WITH ORDINALITY u (k, o)), most)
      INTO examples;
    what_is := format('%s of %s', audit.counted(broken, 'row'), valued);
    message := format('%I %s in %s, e.g. %s: %s, %I %s', p_column, p_broken, audit.counted(broken, 'row'), examples #>> '{0,key}', examples #>> '{0,value}', p_anchor,
                      coalesce(examples #>> '{0,anchor}', 'NULL'));
    examples := jsonb_build_object('column', p_column, 'rows', broken, 'cells', examples);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
END
$$;

-- A finding that says that a setting is not met by the catalog.
CREATE OR REPLACE FUNCTION audit.not_checked(p_store text, p_gate text, p_expected text, p_message text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e, ARRAY[e], p_expected, 'none', NULL::jsonb, 'the gate checked nothing: ' || p_message, format('refresher explain %s', p_gate), audit.graded(p_store, p_gate, 'block')
    FROM audit.entrypoint_of_store(p_store) e
$$;

CREATE OR REPLACE FUNCTION audit.gate_key_unique(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  settings jsonb := audit.settings_of(p_store, 'key-unique');
  keys text[] := audit.texts_of(settings -> 'columns');
  most int := coalesce((settings ->> 'max_examples')::int, 5);
  list text;
  missing text;
  seen bigint;
  without bigint;
  twice bigint;
  samples jsonb;
BEGIN
  IF keys = '{}' THEN
    keys := (SELECT y.key_columns FROM audit.entrypoint_policy y WHERE y.store = p_store);
  END IF;
  missing := (SELECT string_agg(quote_ident(k), ', ') FROM unnest(keys) k WHERE audit.column_type(to_regclass(root), k) IS NULL);
  IF missing IS NOT NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'key-unique', format('columns %s', array_to_string(keys, ', ')), format('%s has no column %s', root, missing));
    RETURN;
  END IF;
  list := (SELECT string_agg(quote_ident(k), ', ' ORDER BY o) FROM unnest(keys) WITH ORDINALITY u (k, o));
  object := root; path := ARRAY[root]; severity := audit.graded(p_store, 'key-unique', 'block'); next_command := 'refresher explain key-unique';
  expected := format('one row a (%s)', list);
  -- groups, not DISTINCT: a key with a NULL in it is told apart from one that is there twice
  EXECUTE format('WITH g AS MATERIALIZED (SELECT CASE WHEN %1$s THEN NULL ELSE %2$s END AS k, count(*) AS n FROM %3$s GROUP BY 1, %4$s)
                  SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE k IS NULL), 0), count(*) FILTER (WHERE n > 1 AND k IS NOT NULL),
                         (SELECT jsonb_agg(jsonb_build_object(''key'', e.k, ''rows'', e.n)) FROM (SELECT x.k, x.n FROM g x WHERE x.n > 1 AND x.k IS NOT NULL ORDER BY x.n DESC, x.k COLLATE "C" LIMIT %5$s) e)
                    FROM g',
                 (SELECT string_agg(format('%I IS NULL', k), ' OR ') FROM unnest(keys) k), audit.key_expression(keys), root, list, most)
    INTO seen, without, twice, samples;
  IF seen = 0 THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'key-unique', 'rows', format('%s has no row', root));
    RETURN;
  END IF;
  IF twice > 0 THEN
    what_is := format('%s more than once', audit.counted(twice, 'key'));
    message := format('%s there more than once, e.g. %s in %s', CASE twice WHEN 1 THEN '1 key is' ELSE format('%s keys are', twice) END, samples #>> '{0,key}',
                      audit.counted((samples #>> '{0,rows}')::bigint, 'row'));
    examples := jsonb_build_object('keys', twice, 'examples', samples);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
  IF without > 0 THEN
    what_is := format('%s without a key', audit.counted(without, 'row')); examples := NULL;
    message := format('%s in a column of the key (%s)', CASE without WHEN 1 THEN '1 row has NULL' ELSE format('%s rows have NULL', without) END, list);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
END
$$;

-- Nothing of the anchor's own day or later has a part in a row. Where one side is a date, days of the store's time zone are compared.
CREATE OR REPLACE FUNCTION audit.gate_embargo(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  relation oid := to_regclass(audit.entrypoint_of_store(p_store));
  settings jsonb := audit.settings_of(p_store, 'embargo');
  columns text[] := audit.texts_of(settings -> 'column');
  policy audit.entrypoint_policy;
  anchor text;
  anchor_type regtype;
  type regtype;
  as_day boolean;
  x text;
BEGIN
  SELECT * INTO policy FROM audit.entrypoint_policy y WHERE y.store = p_store;
  anchor := coalesce(settings ->> 'anchor', policy.anchor_column);
  anchor_type := audit.column_type(relation, anchor);
  IF columns = '{}' THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'embargo', 'a setting column', 'no column is named');
  END IF;
  FOREACH x IN ARRAY columns LOOP
    type := audit.column_type(relation, x);
    as_day := type = 'date'::regtype OR anchor_type = 'date'::regtype;
    IF audit.time_expression(type, x, policy.time_zone, true) IS NULL OR audit.time_expression(anchor_type, anchor, policy.time_zone, true) IS NULL THEN
      RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'embargo', format('columns %I and %I of a date or a timestamp', x, anchor),
        format('%s has no such columns %I and %I', policy.entrypoint, x, anchor));
      CONTINUE;
    END IF;
    RETURN QUERY SELECT * FROM audit.check_rows(p_store, 'embargo', x, anchor,
      CASE WHEN type = anchor_type THEN format('%I < %I', x, anchor)
           ELSE format('%s < %s', audit.time_expression(type, x, policy.time_zone, as_day), audit.time_expression(anchor_type, anchor, policy.time_zone, as_day)) END,
      format('%I before %s%I', x, CASE WHEN as_day THEN 'the day of ' ELSE '' END, anchor), format('is not before %s%I', CASE WHEN as_day THEN 'the day of ' ELSE '' END, anchor));
  END LOOP;
END
$$;

-- What came later than the window after the anchor was not known in time. The window of an anchor that is a date begins with that day.
CREATE OR REPLACE FUNCTION audit.gate_as_of_window(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  relation oid := to_regclass(audit.entrypoint_of_store(p_store));
  settings jsonb := audit.settings_of(p_store, 'as-of-window');
  columns text[] := audit.texts_of(settings -> 'column');
  span interval := (settings ->> 'within')::interval;
  policy audit.entrypoint_policy;
  anchor text;
  anchor_type regtype;
  type regtype;
  until text;
  x text;
BEGIN
  SELECT * INTO policy FROM audit.entrypoint_policy y WHERE y.store = p_store;
  anchor := coalesce(settings ->> 'anchor', policy.anchor_column);
  anchor_type := audit.column_type(relation, anchor);
  IF columns = '{}' OR span IS NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'as-of-window', 'settings column and within', 'no column or no window is named');
    RETURN;
  END IF;
  FOREACH x IN ARRAY columns LOOP
    type := audit.column_type(relation, x);
    until := format('(%s + interval %L)', audit.time_expression(anchor_type, anchor, policy.time_zone, false), span);
    IF audit.time_expression(type, x, policy.time_zone, true) IS NULL OR audit.time_expression(anchor_type, anchor, policy.time_zone, true) IS NULL THEN
      RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'as-of-window', format('columns %I and %I of a date or a timestamp', x, anchor),
        format('%s has no such columns %I and %I', policy.entrypoint, x, anchor));
      CONTINUE;
    END IF;
    RETURN QUERY SELECT * FROM audit.check_rows(p_store, 'as-of-window', x, anchor,
      CASE WHEN type = anchor_type THEN format('%I <= %I + interval %L', x, anchor, span)
           WHEN type = 'date'::regtype THEN format('%I <= (%s AT TIME ZONE %L)::date', x, until, policy.time_zone)
           ELSE format('%s <= %s', audit.time_expression(type, x, policy.time_zone, false), until) END,
      format('%I at most %I + %s', x, anchor, span), format('is later than %I + %s', anchor, span));
  END LOOP;
END
$$;

-- How many rows, and how many more or less than in the last certificate. What this run counts becomes the reference when it is certified.
CREATE OR REPLACE FUNCTION audit.gate_row_count(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  settings jsonb := audit.settings_of(p_store, 'row-count');
  at_least bigint := (settings ->> 'min')::bigint;
  at_most bigint := (settings ->> 'max')::bigint;
  drop_limit numeric := (settings ->> 'max_drop_percent')::numeric;
  growth_limit numeric := (settings ->> 'max_growth_percent')::numeric;
  counted bigint;
  before bigint;
  percent numeric;
BEGIN
  IF coalesce(at_least, at_most) IS NULL AND coalesce(drop_limit, growth_limit) IS NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'row-count', 'min, max, max_drop_percent or max_growth_percent', 'no limit is set');
    RETURN;
  END IF;
  object := root; path := ARRAY[root]; severity := audit.graded(p_store, 'row-count', 'block'); next_command := 'refresher explain row-count';
  EXECUTE format('SELECT count(*) FROM %s', root) INTO counted;
  INSERT INTO audit.run_row_count AS c (run_id, store, rows)
  SELECT r.run_id, p_store, counted FROM audit.run r WHERE r.outcome = 'running' AND r.backend_pid = pg_backend_pid() ORDER BY r.run_id DESC LIMIT 1
  ON CONFLICT (run_id, store) DO UPDATE SET rows = excluded.rows;
  what_is := audit.counted(counted, 'row');
  IF counted < at_least THEN
    expected := format('at least %s', audit.counted(at_least, 'row')); message := format('%s has %s, fewer than %s', root, what_is, at_least);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
  IF counted > at_most THEN
    expected := format('at most %s', audit.counted(at_most, 'row')); message := format('%s has %s, more than %s', root, what_is, at_most);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
  IF coalesce(drop_limit, growth_limit) IS NULL THEN
    RETURN;
  END IF;
  SELECT c.rows INTO before FROM audit.certificate_history h JOIN audit.run_row_count c ON c.run_id = h.run_id AND c.store = p_store
   WHERE h.entrypoint = root AND h.status = 'CERTIFIED' ORDER BY h.history_id DESC LIMIT 1;
  IF before IS NULL THEN
    expected := 'the number of rows of the last certificate'; severity := 'warn';
    message := format('nothing to compare with yet: no certificate of %s came with a number of rows; the %s of this run become the reference', root, what_is);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    RETURN;
  END IF;
  percent := CASE WHEN before = 0 THEN CASE WHEN counted = 0 THEN 0 ELSE 100 END ELSE 100.0 * (counted - before) / before END;
  IF percent < -drop_limit OR percent > growth_limit THEN
    expected := concat_ws(', ', format('the %s of the last certificate', before), '-' || drop_limit || ' %', '+' || growth_limit || ' %');
    message := format('%s has %s, %s %% %s than the last certificate (%s)', root, what_is, round(abs(percent), 1), CASE WHEN percent < 0 THEN 'fewer' ELSE 'more' END, before);
    examples := jsonb_build_object('rows', counted, 'rows_certified', before, 'percent', round(percent, 1));
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
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
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  zone text := (SELECT y.time_zone FROM audit.entrypoint_policy y WHERE y.store = p_store);
  input record;
  relation oid;
  type regtype;
  newest timestamptz;
  age interval;
BEGIN
  severity := audit.graded(p_store, 'freshness-of-input', 'block'); next_command := 'refresher explain freshness-of-input';
  FOR input IN SELECT e ->> 'relation' AS name, e ->> 'column' AS col, (e ->> 'max_age')::interval AS max_age
                 FROM jsonb_array_elements(coalesce(audit.settings_of(p_store, 'freshness-of-input') -> 'inputs', '[]')) e LOOP
    relation := to_regclass(input.name);
    type := audit.column_type(relation, input.col);
    object := input.name; path := ARRAY[input.name];
    expected := format('a row of the last %s by %I', input.max_age, input.col);
    IF audit.time_expression(type, input.col, zone, true) IS NULL THEN
      what_is := CASE WHEN relation IS NULL THEN 'no such relation' ELSE coalesce(format('a column of %s', type), 'no such column') END;
      message := format('the gate checked nothing for %s: %s', input.name, CASE WHEN relation IS NULL THEN 'it does not exist' ELSE format('it has no column %I of a date or a timestamp', input.col) END);
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
      CONTINUE;
    END IF;
    EXECUTE format('SELECT max(%s) FROM %s', audit.time_expression(type, input.col, zone, false), audit.relation_name(relation)) INTO newest;
    IF type = 'date'::regtype THEN
      newest := ((newest AT TIME ZONE zone)::date + 1)::timestamp AT TIME ZONE zone;
    END IF;
    age := clock_timestamp() - newest;
    IF newest IS NULL THEN
      what_is := 'no row with a value'; message := format('%s has no row with a value in %I', input.name, input.col);
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    ELSIF age > input.max_age THEN
      what_is := to_char(newest AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
      message := format('the newest row of %s is %s old, limit %s (%I up to %s)', input.name, date_trunc('second', age), input.max_age, input.col, what_is);
      examples := jsonb_build_object('relation', input.name, 'newest', what_is);
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
      examples := NULL;
    END IF;
  END LOOP;
  IF object IS NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'freshness-of-input', 'at least one input', 'no input is named');
  END IF;
END
$$;

-- Queries of the store's own that must return no row; each is told by its name, whatever becomes of the others.
CREATE OR REPLACE FUNCTION audit.gate_sql(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  settings jsonb := audit.settings_of(p_store, 'sql');
  most int := coalesce((settings ->> 'max_examples')::int, 5);
  query record;
  n bigint;
  complaint text;
  state text;
BEGIN
  path := ARRAY[root]; severity := audit.graded(p_store, 'sql', 'block'); next_command := 'refresher explain sql';
  FOR query IN SELECT e ->> 'name' AS name, e ->> 'query' AS text, e ->> 'meaning' AS meaning FROM jsonb_array_elements(coalesce(settings -> 'checks', '[]')) e LOOP
    object := query.name; expected := 'no row'; n := 0; complaint := NULL; examples := NULL;
    BEGIN
      -- the line break ends a comment at the end of the query
      EXECUTE format(E'SELECT count(*), jsonb_agg(to_jsonb(q) - ''guarded_row'') FILTER (WHERE q.guarded_row <= %s) FROM (SELECT w.*, row_number() OVER () AS guarded_row FROM (%s\n) w) q', most,
                     regexp_replace(query.text, ';\s*$', '')) INTO n, examples;
    EXCEPTION
      WHEN query_canceled OR serialization_failure OR deadlock_detected OR lock_not_available OR admin_shutdown OR crash_shutdown THEN
        RAISE;
      WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS complaint = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    END;
    IF complaint IS NOT NULL THEN
      what_is := format('SQLSTATE %s', state); message := format('%s could not run: %s', query.name, complaint);
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    ELSIF n > 0 THEN
      what_is := audit.counted(n, 'row'); message := format('%s: %s%s', query.name, what_is, coalesce(', ' || query.meaning, ''));
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    END IF;
  END LOOP;
  IF object IS NULL THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'sql', 'at least one query', 'no query is named');
  END IF;
END
$$;

-- What plain views compute at every read: tables, whose rows change without a refresh, and "current" selectors. Allowed ones carry a reason. A table
-- that a step of the store writes changes with the refresh; a partition is told by its parent.
CREATE OR REPLACE FUNCTION audit.gate_live_input(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH setting AS (SELECT s, CASE WHEN s -> 'current' IS NULL THEN ARRAY['*.current*', '*.*_current*'] ELSE audit.texts_of(s -> 'current') END AS selectors
                     FROM audit.settings_of(p_store, 'live-input') s),
       live AS MATERIALIZED (SELECT c.* FROM audit.closure(audit.entrypoint_of_store(p_store)) c WHERE c.live AND c.depth > 0)
  SELECT c.object, c.path, 'no data that change without a refresh',
         CASE WHEN c.kind = 'v' THEN 'a selector of what is current' WHEN c.kind = 'f' THEN 'a foreign table' ELSE 'a table' END, NULL::jsonb,
         CASE WHEN c.kind = 'v' THEN format('%s selects what is current, at every read; path %s', c.object, array_to_string(c.path, ' → '))
              ELSE format('%s is read live: a write to it changes certified rows without a refresh; path %s', c.object, array_to_string(c.path, ' → ')) END,
         'refresher explain live-input', audit.graded(p_store, 'live-input', 'block')
    FROM live c, setting
   WHERE (c.kind IN ('r', 'p', 'f') OR (c.kind = 'v' AND EXISTS (SELECT 1 FROM unnest(setting.selectors) p WHERE audit.matches(c.object, p))))
     AND NOT EXISTS (SELECT 1 FROM audit.steps_on(c.oid) t WHERE t.store = p_store)
     AND NOT EXISTS (SELECT 1 FROM pg_inherits h JOIN live l ON l.oid = h.inhparent AND l.kind = 'p' WHERE h.inhrelid = c.oid)
     AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(setting.s -> 'allow', '[]')) a
                      WHERE audit.matches(c.object, a ->> 'relation') AND coalesce(a ->> 'reason', '') <> '')
   ORDER BY c.depth, c.object
$$;
