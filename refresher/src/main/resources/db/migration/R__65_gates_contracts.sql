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
  root text := audit.entrypoint_of_store(p_store);
  keys text[] := (SELECT y.key_columns FROM audit.entrypoint_policy y WHERE y.store = p_store);
  most int := coalesce((audit.settings_of(p_store, p_gate) ->> 'max_examples')::int, 5);
  valued bigint;
  broken bigint;
  cells jsonb;
BEGIN
  EXECUTE format('SELECT count(%1$I), count(*) FILTER (WHERE %1$I IS NOT NULL AND (%2$s) IS NOT TRUE) FROM %3$s', p_column, p_condition, root) INTO valued, broken;
  IF valued = 0 THEN
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, p_gate, p_expected, format('%I is NULL in every row of %s', p_column, root));
  ELSIF broken > 0 THEN
    EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''key'', q.k, ''value'', q.v, ''anchor'', q.a)) FROM (
                      SELECT %1$s AS k, %2$I::text AS v, %3$I::text AS a FROM %4$s WHERE %2$I IS NOT NULL AND (%5$s) IS NOT TRUE ORDER BY %6$s LIMIT %7$s) q',
                   audit.key_expression(keys), p_column, p_anchor, root, p_condition, (SELECT string_agg(quote_ident(k), ', ' ORDER BY o) FROM unnest(keys) WITH ORDINALITY u (k, o)), most)
      INTO cells;
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, p_gate, p_expected, format('%s of %s', audit.counted(broken, 'row'), valued),
      format('%I %s in %s, e.g. %s: %s, %I %s', p_column, p_broken, audit.counted(broken, 'row'), cells #>> '{0,key}', cells #>> '{0,value}', p_anchor, coalesce(cells #>> '{0,anchor}', 'NULL')),
      jsonb_build_object('column', p_column, 'rows', broken, 'cells', cells));
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.gate_key_unique(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
AS $$
#variable_conflict use_column
DECLARE
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
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'key-unique', format('one row a (%s)', list), format('%s more than once', audit.counted(twice, 'key')),
      format('%s there more than once, e.g. %s in %s', CASE twice WHEN 1 THEN '1 key is' ELSE format('%s keys are', twice) END, samples #>> '{0,key}',
             audit.counted((samples #>> '{0,rows}')::bigint, 'row')),
      jsonb_build_object('keys', twice, 'examples', samples));
  END IF;
  IF without > 0 THEN
    RETURN QUERY SELECT * FROM audit.finding_of(p_store, 'key-unique', format('one row a (%s)', list), format('%s without a key', audit.counted(without, 'row')),
      format('%s in a column of the key (%s)', CASE without WHEN 1 THEN '1 row has NULL' ELSE format('%s rows have NULL', without) END, list));
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
