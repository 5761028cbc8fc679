-- What a stored tree calls: part of the gate time-of-query.

-- Built-in functions that tell the time of the query, as far as this server has them.
CREATE OR REPLACE FUNCTION audit.time_functions() RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_agg(to_regprocedure(f)::oid) FILTER (WHERE to_regprocedure(f) IS NOT NULL)
  FROM unnest(ARRAY['now()', 'transaction_timestamp()', 'statement_timestamp()', 'clock_timestamp()', 'timeofday()', 'age(timestamptz)', 'age(timestamp)',
                    'pg_postmaster_start_time()', 'pg_conf_load_time()', 'pg_last_xact_replay_timestamp()', 'age(xid)', 'mxid_age(xid)', 'txid_current()',
                    'txid_current_if_assigned()', 'txid_current_snapshot()', 'pg_current_xact_id()', 'pg_current_xact_id_if_assigned()',
                    'pg_current_snapshot()']) f
$$;

-- Built-in functions whose answer is another one in another session, apart from those that show it by the types in their signature.
CREATE OR REPLACE FUNCTION audit.session_functions() RETURNS name[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '{current_setting,current_schemas,current_schema,current_database,current_query,inet_client_addr,inet_client_port,inet_server_addr,inet_server_port,pg_backend_pid,pg_client_encoding,pg_has_role,has_table_privilege,has_column_privilege,has_any_column_privilege,has_schema_privilege,has_database_privilege,has_function_privilege,has_sequence_privilege,row_security_active,pg_my_temp_schema,pg_is_other_temp_schema,session_user,current_user,system_user,getpgusername,pg_is_in_recovery,pg_table_is_visible,pg_show_all_settings,get_current_ts_config,timestamptz_in,timetz_in,date_in,timestamp_in,cash_in,cash_out,jsonb_path_exists_tz,jsonb_path_match_tz,jsonb_path_query_tz,jsonb_path_query_array_tz,jsonb_path_query_first_tz}'::name[]
$$;

-- Functions that look a name up along the search_path of the session, unless it is qualified.
CREATE OR REPLACE FUNCTION audit.lookup_functions() RETURNS name[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '{regclass,to_regclass,to_regcollation,to_regoper,to_regoperator,to_regproc,to_regprocedure,to_regtype}'::name[]
$$;

-- The types whose values, or those that lie in them, are read or spelled by the session. zoned: TimeZone decides on their days. timed: 'now' is one of them. named:
-- search_path. read: from text. spelled: as text. spelled_json: as JSON, where dates look alike everywhere. Settings that are pinned, in lower case, decide on nothing.
DROP FUNCTION IF EXISTS audit.session_types(), audit.read_as(text, oid), audit.tree_calls(text);
CREATE OR REPLACE FUNCTION audit.session_types(p_pinned text[] DEFAULT '{}', OUT zoned oid[], OUT timed oid[], OUT named oid[], OUT read oid[], OUT spelled oid[], OUT spelled_json oid[])
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_agg(t) FILTER (WHERE json = '{timezone}' AND NOT json <@ p_pinned), '{}'), '{1082,1083,1114,1184,1266}'::oid[],
         coalesce(array_agg(t) FILTER (WHERE json = '{search_path}' AND NOT json <@ p_pinned), '{}'), coalesce(array_agg(t) FILTER (WHERE NOT reads <@ p_pinned), '{}'),
         coalesce(array_agg(t) FILTER (WHERE NOT spells <@ p_pinned), '{}'), coalesce(array_agg(t) FILTER (WHERE NOT json <@ p_pinned), '{}')
    FROM (VALUES
           -- timestamptz, timetz; date, timestamp; time
           ('{1184,1266}'::oid[], '{timezone,datestyle}'::text[], '{timezone,datestyle}'::text[], '{timezone}'::text[]), ('{1082,1114}', '{datestyle}', '{datestyle}', NULL), ('{1083}', '{datestyle}', NULL, NULL),
           -- regproc, regprocedure, regoper, regoperator, regclass, regtype, regconfig, regdictionary, regcollation
           ('{24,2202,2203,2204,2205,2206,3734,3769,4191}', '{search_path}', '{search_path}', '{search_path}'),
           -- interval; bytea; money; float4, float8, and what is made of float8
           ('{1186}', NULL, '{intervalstyle}', '{intervalstyle}'), ('{17}', NULL, '{bytea_output}', '{bytea_output}'), ('{790}', '{lc_monetary}', '{lc_monetary}', '{lc_monetary}'),
           ('{700,701,600,601,602,603,604,628,718}', NULL, '{extra_float_digits}', '{extra_float_digits}')) v (types, reads, spells, json), unnest(v.types) t
$$;

-- A type and those that its values hold: elements, bounds, columns, and what a domain is made of.
CREATE OR REPLACE FUNCTION audit.parts_of(p_type oid) RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
  WITH RECURSIVE part (t) AS (
    SELECT p_type
    UNION
    SELECT x.t FROM part p JOIN pg_type y ON y.oid = p.t, LATERAL (
      SELECT y.typbasetype WHERE y.typtype = 'd'
      UNION ALL SELECT y.typelem WHERE y.typcategory = 'A'
      UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE y.oid IN (r.rngtypid, r.rngmultitypid)
      UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped) x (t))
  SELECT array_agg(t) FROM part
$$;

-- What a text depends on where it is read as a value of this type, null for nothing: time | session. A null text is one that nobody knows yet.
CREATE OR REPLACE FUNCTION audit.read_as(p_text text, p_type oid, p_pinned text[] DEFAULT '{}') RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  sets record := audit.session_types(p_pinned);
  parts oid[] := audit.parts_of(p_type);
  word text := lower(btrim(p_text, E' \t\n"'));
  y pg_type;
  deeper text[];
BEGIN
  IF NOT parts && (sets.timed || sets.read) THEN
    RETURN NULL;
  ELSIF p_text IS NULL THEN
    RETURN CASE WHEN parts && sets.read THEN 'session' END;
  ELSIF p_type = ANY (sets.timed) THEN
    RETURN CASE WHEN word ~ '\m(now|today|tomorrow|yesterday)\M' THEN 'time'
                WHEN word ~ '^([-+]?infinity|epoch)$' OR p_type NOT IN (1184, 1266) AND word ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ t][0-9:.]+)?$'
                  OR p_type = 1083 AND word ~ '^[0-9:.]+$' OR word ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ t][0-9:.]+(z|utc|[+-][0-9:]+)$' THEN NULL
                WHEN p_type = ANY (sets.read) THEN 'session' END;
  ELSIF p_type = ANY (sets.named) THEN
    RETURN CASE WHEN word !~ '\.|^[0-9]+$' THEN 'session' END;
  ELSIF p_type = 790 THEN
    RETURN CASE WHEN p_type = ANY (sets.read) THEN 'session' END;
  END IF;
  SELECT * INTO y FROM pg_type t WHERE t.oid = p_type;
  IF y.typtype = 'd' THEN
    RETURN audit.read_as(p_text, y.typbasetype, p_pinned);
  ELSIF y.typtype = 'c' THEN
    -- at commas with an even number of quotes behind them
    deeper := ARRAY(SELECT audit.read_as(x.field, a.atttypid, p_pinned)
                      FROM (SELECT f, row_number() OVER (ORDER BY o) FROM regexp_split_to_table(regexp_replace(p_text, '^\s*\(|\)\s*$', '', 'g'), ',(?=([^"]*"[^"]*")*[^"]*$)') WITH ORDINALITY s (f, o)) x (field, n)
                           JOIN (SELECT t.atttypid, row_number() OVER (ORDER BY t.attnum) FROM pg_attribute t WHERE t.attrelid = y.typrelid AND t.attnum > 0 AND NOT t.attisdropped) a (atttypid, n) USING (n)
                     WHERE x.field <> '');
  ELSE
    deeper := ARRAY(SELECT audit.read_as(x, t, p_pinned) FROM regexp_split_to_table(p_text, '[][(){},"]+') x, unnest(parts) t
                     WHERE btrim(x) <> '' AND t = ANY (sets.timed || sets.read));
  END IF;
  RETURN CASE WHEN 'time' = ANY (deeper) THEN 'time' WHEN 'session' = ANY (deeper) THEN 'session' END;
END
$$;

-- The same for a JSON value that becomes one of this type, by the columns that it gives a value to: those of the type, or those given. A null JSON is one that
-- nobody knows yet.
CREATE OR REPLACE FUNCTION audit.read_json(p_json jsonb, p_type oid, p_pinned text[], p_names text[] DEFAULT NULL, p_types oid[] DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  y pg_type;
  names text[] := p_names;
  types oid[] := p_types;
  deeper text[];
BEGIN
  SELECT * INTO y FROM pg_type t WHERE t.oid = p_type;
  IF y.typtype = 'd' THEN
    RETURN audit.read_json(p_json, y.typbasetype, p_pinned);
  ELSIF y.typtype = 'c' THEN
    SELECT array_agg(a.attname::text), array_agg(a.atttypid) INTO names, types FROM pg_attribute a WHERE a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped;
  END IF;
  IF jsonb_typeof(p_json) = 'array' THEN
    deeper := ARRAY(SELECT audit.read_json(e, CASE WHEN y.typcategory = 'A' THEN y.typelem ELSE p_type END, p_pinned, p_names, p_types) FROM jsonb_array_elements(p_json) e);
  ELSIF names IS NOT NULL AND (p_json IS NULL OR jsonb_typeof(p_json) = 'object') THEN
    deeper := ARRAY(SELECT audit.read_json(p_json -> u.name, u.type, p_pinned) FROM unnest(names, types) u (name, type) WHERE p_json IS NULL OR p_json ? u.name);
  ELSE
    RETURN CASE WHEN p_json = 'null' THEN NULL ELSE audit.read_as(p_json #>> '{}', p_type, p_pinned) END;
  END IF;
  RETURN CASE WHEN 'time' = ANY (deeper) THEN 'time' WHEN 'session' = ANY (deeper) THEN 'session' END;
END
$$;

-- Whether a pattern of to_char and its like is filled in by lc_numeric, lc_monetary or, for dates, lc_time. A null pattern is one that nobody knows yet.
CREATE OR REPLACE FUNCTION audit.localized(p_pattern text, p_dates boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(regexp_replace(p_pattern, '"[^"]*"', '', 'g') ~ CASE WHEN p_dates THEN 'TM|tm' ELSE '(?i)(?<!p)l|(?<!s)g|d' END, true)
$$;

-- The types of an expression's value: those of the columns where it is a row that the query makes.
CREATE OR REPLACE FUNCTION audit.value_types(p_owns text[], p_kinds text[], p_types oid[], p_node int) RETURNS oid[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own text := p_owns[p_node];
  query int;
  levels int;
BEGIN
  IF p_kinds[p_node] IN ('ROWEXPR', 'ROW') THEN   -- PostgreSQL 14 says ROW
    RETURN ARRAY(SELECT unnest(audit.value_types(p_owns, p_kinds, p_types, m[1]::int)) FROM regexp_matches(substring(own FROM ':args \(([^)]*)\)'), '@([0-9]+)', 'g') m);
  ELSIF p_kinds[p_node] = 'SUBLINK' THEN
    query := substring(own FROM ':subselect @([0-9]+)');
  ELSIF p_kinds[p_node] = 'VAR' AND p_types[p_node] = 2249 AND own ~ ':varattno 0 ' THEN
    -- a subquery as a whole: up to the query that the variable belongs to, down to its range table
    levels := substring(own FROM ':varlevelsup ([0-9]+)');
    query := p_node;
    WHILE query IS NOT NULL AND levels >= 0 LOOP
      query := (SELECT max(i) FROM generate_series(1, query - 1) i WHERE p_owns[i] ~ format('@%s\M', query));
      levels := levels - (p_kinds[query] = 'QUERY')::int;
    END LOOP;
    query := (regexp_matches(substring(p_owns[query] FROM ':rtable \(([^)]*)\)'), '@([0-9]+)', 'g'))[1] OFFSET substring(own FROM ':varno ([0-9]+)')::int - 1;
    query := substring(p_owns[query] FROM ':subquery @([0-9]+)');
  ELSE
    RETURN p_types[p_node:p_node];
  END IF;
  RETURN ARRAY(SELECT unnest(audit.value_types(p_owns, p_kinds, p_types, substring(p_owns[m[1]::int] FROM ':expr @([0-9]+)')::int))
                 FROM regexp_matches(substring(p_owns[query] FROM ':targetList \(([^)]*)\)'), '@([0-9]+)', 'g') m);
END
$$;

-- Whether an interval surely has hours, minutes and seconds alone, so that no zone says how long it is.
CREATE OR REPLACE FUNCTION audit.whole_hours(p_owns text[], p_kinds text[], p_types oid[], p_node int) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own text := p_owns[p_node];
  arguments int[] := ARRAY(SELECT m[1]::int FROM regexp_matches(substring(own FROM ':args \(([^)]*)\)'), '@([0-9]+)', 'g') m);
  name name := (SELECT f.proname FROM pg_proc f WHERE f.oid = substring(own FROM ':(?:funcid|opfuncid) ([0-9]+)')::oid AND f.pronamespace = 'pg_catalog'::regnamespace);
BEGIN
  IF p_kinds[p_node] = 'CONST' THEN
    RETURN own ~ ':constisnull true|:constvalue 16 \[ (-?[0-9]+ ){8}(0 ){8}\]';
  ELSIF name = 'make_interval' THEN
    RETURN NOT EXISTS (SELECT 1 FROM unnest(arguments) WITH ORDINALITY u (a, o) WHERE coalesce(substring(p_owns[a] FROM ':argnumber ([0-9]+)')::int, o::int - 1) < 4
                        AND p_owns[a] !~ ':constvalue 4 \[ (0 ){8}\]');
  ELSIF name IN ('interval_mul', 'mul_d_interval', 'interval_div', 'interval_pl', 'interval_mi', 'interval_um', 'interval') THEN
    RETURN NOT EXISTS (SELECT 1 FROM unnest(arguments) a WHERE p_types[a] = 1186 AND NOT audit.whole_hours(p_owns, p_kinds, p_types, a));
  END IF;
  RETURN false;
END
$$;

-- Judges what a call leaves to the defaults of a function's arguments. p_given: the places of the arguments that it has, from 0.
CREATE OR REPLACE FUNCTION audit.default_calls(p_function oid, p_given int[]) RETURNS TABLE (what text, call text, function_oid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- the elements of the list, each with all that lies in it
  RETURN QUERY
    WITH piece AS (SELECT x, o, sum((left(x, 1) = '{')::int - (left(x, 1) = '}')::int) OVER (ORDER BY o) AS depth
                     FROM pg_proc f, regexp_split_to_table(replace(replace(f.proargdefaults::text, '\{', '<'), '\}', '>'), '(?=[{}])') WITH ORDINALITY p (x, o) WHERE f.oid = p_function),
         element AS (SELECT x, o, count(*) FILTER (WHERE left(x, 1) = '{' AND depth = 1) OVER (ORDER BY o) AS n FROM piece),
         tree AS (SELECT string_agg(e.x, '' ORDER BY e.o) AS tree, e.n FROM element e WHERE e.n > 0 GROUP BY e.n)
    SELECT k.what, format('%s, a default of %s', k.call, p_function::regprocedure), k.function_oid
      FROM tree t JOIN pg_proc f ON f.oid = p_function, LATERAL audit.tree_calls(t.tree) k
     WHERE f.pronargs - f.pronargdefaults + t.n - 1 <> ALL (p_given);
END
$$;

-- Judges one stored tree: every call in it that does not depend on its arguments alone. what: time | volatile | session. p_pinned: settings, in lower case, that are
-- the same in every session.
CREATE OR REPLACE FUNCTION audit.tree_calls(p_tree text, p_pinned text[] DEFAULT '{}') RETURNS TABLE (what text, call text, function_oid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  owns text[];
  kinds text[];
  types oid[];
  r record;
  p record;
  arguments int[];
  argument_types oid[];
  called oid;
  times oid[] := audit.time_functions();
  word text;
  sets record := audit.session_types(p_pinned);
  spelled oid[];        -- of the types in this tree, those with such parts
  spelled_json oid[];
  texts constant oid[] := '{25,1042,1043,19,705}';
BEGIN
  SELECT array_agg(t.own ORDER BY t.id), array_agg(t.node ORDER BY t.id), array_agg(audit.node_type(t.own) ORDER BY t.id) INTO owns, kinds, types
    FROM audit.tree_nodes(p_tree) t;
  SELECT coalesce(array_agg(t) FILTER (WHERE parts && sets.spelled), '{}'), coalesce(array_agg(t) FILTER (WHERE parts && sets.spelled_json), '{}') INTO spelled, spelled_json
    FROM (SELECT DISTINCT unnest(types)) u (t), LATERAL (SELECT audit.parts_of(t)) v (parts);
  FOR i IN 1 .. coalesce(array_length(owns, 1), 0) LOOP
    function_oid := NULL;
    IF kinds[i] = 'SQLVALUEFUNCTION' THEN
      what := CASE WHEN substring(owns[i] FROM ':op ([0-9]+)')::int <= 8 THEN 'time' ELSE 'session' END;
      call := (ARRAY['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIME', 'CURRENT_TIMESTAMP', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIME', 'LOCALTIMESTAMP', 'LOCALTIMESTAMP',
                     'CURRENT_ROLE', 'CURRENT_USER', 'USER', 'SESSION_USER', 'CURRENT_CATALOG', 'CURRENT_SCHEMA'])[substring(owns[i] FROM ':op ([0-9]+)')::int + 1];
      RETURN NEXT;
    ELSIF kinds[i] = 'TABLESAMPLECLAUSE' THEN
      IF owns[i] ~ ':repeatable <>' THEN
        what := 'volatile'; call := 'TABLESAMPLE without REPEATABLE';
        RETURN NEXT;
      END IF;
    ELSIF kinds[i] = 'NEXTVALUEEXPR' THEN
      what := 'volatile'; call := 'nextval';
      RETURN NEXT;
    ELSIF kinds[i] = 'COERCEVIAIO' THEN
      arguments := ARRAY[coalesce(substring(owns[i] FROM ':arg @([0-9]+)'), '0')::int];
      CONTINUE WHEN arguments[1] = 0;
      IF types[i] = ANY (texts) THEN
        argument_types := ARRAY(SELECT a FROM unnest(audit.value_types(owns, kinds, types, arguments[1])) a WHERE a = ANY (spelled));
        IF argument_types <> '{}' THEN
          what := 'session';
          call := format('%s::text', format_type(argument_types[1], NULL));
          RETURN NEXT;
        END IF;
      ELSIF types[arguments[1]] = ANY (texts) OR types[arguments[1]] = 0 THEN
        word := audit.node_text(owns[arguments[1]]);
        what := audit.read_as(word, types[i], p_pinned);
        call := format('%s::%s', coalesce(quote_literal(lower(btrim(word))), 'text'), format_type(types[i], NULL));
        IF what IS NOT NULL THEN
          RETURN NEXT;
        END IF;
      END IF;
    ELSIF kinds[i] IN ('JSONCONSTRUCTOREXPR', 'XMLEXPR') THEN
      SELECT 'session', replace(replace(kinds[i], 'EXPR', ''), 'CONSTRUCTOR', '') || ' of a ' || format_type(v, NULL) INTO what, call
        FROM regexp_matches(owns[i], ':(?:args|named_args) \(([^)]*)\)', 'g') l, regexp_matches(l[1], '@([0-9]+)', 'g') m, unnest(audit.value_types(owns, kinds, types, m[1]::int)) v WHERE v = ANY (spelled_json) LIMIT 1;
      IF FOUND THEN
        RETURN NEXT;
      END IF;
    ELSIF kinds[i] IN ('RANGETBLENTRY', 'RTE') THEN   -- PostgreSQL 14 and 15 say RTE
      -- a view of the server's own is no dependency in the catalog: what it calls, whoever reads it calls
      RETURN QUERY
        SELECT DISTINCT k.what, format('%s of %s', k.call, audit.relation_name(c.oid)), k.function_oid
          FROM pg_class c JOIN pg_rewrite w ON w.ev_class = c.oid AND w.ev_type = '1', audit.tree_calls(w.ev_action::text) k
         WHERE c.oid = substring(owns[i] FROM ':relid ([0-9]+)')::oid AND c.relkind = 'v' AND c.relnamespace = 'pg_catalog'::regnamespace AND owns[i] ~ ':inFromCl true';
    ELSIF kinds[i] IN ('JSONRETURNING', 'TABLEFUNC') THEN
      -- JSON_VALUE, JSON_TABLE, XMLTABLE read texts
      SELECT 'session', 'text::' || format_type(t, NULL) INTO what, call
        FROM regexp_matches(owns[i], CASE kinds[i] WHEN 'TABLEFUNC' THEN ':coltypes \(o ([0-9 ]+)\)' ELSE ':typid ([0-9]+)' END) m, unnest(string_to_array(m[1], ' ')::oid[]) t
       WHERE audit.read_as(NULL, t, p_pinned) IS NOT NULL LIMIT 1;
      IF FOUND THEN
        RETURN NEXT;
      END IF;
    ELSE
      FOR r IN SELECT DISTINCT m[1]::oid AS f FROM regexp_matches(owns[i], ':(?:funcid|opfuncid|aggfnoid|winfnoid|hashfuncid|negfuncid|startInRangeFunc|endInRangeFunc) ([0-9]+)', 'g') m LOOP
        called := r.f;
        CONTINUE WHEN called = 0;
        SELECT f.oid, f.proname, f.provolatile, f.pronargs, f.pronargdefaults, f.proargtypes::oid[] AS types, f.prorettype, f.pronamespace = 'pg_catalog'::regnamespace AS built_in
          INTO p FROM pg_proc f WHERE f.oid = called;
        CONTINUE WHEN NOT FOUND;
        function_oid := called;
        call := called::regprocedure::text;
        arguments := ARRAY(SELECT m[1]::int FROM regexp_matches(CASE kinds[i] WHEN 'WINDOWCLAUSE' THEN substring(owns[i] FROM ':startOffset .*:startInRangeFunc') ELSE substring(owns[i] FROM ':args \(([^)]*)\)') END, '@([0-9]+)', 'g') m);
        IF kinds[i] = 'FUNCEXPR' AND p.pronargdefaults > 0 AND coalesce(array_length(arguments, 1), 0) < p.pronargs THEN
          RETURN QUERY SELECT d.what, d.call, d.function_oid
            FROM audit.default_calls(called, ARRAY(SELECT coalesce(substring(owns[a] FROM ':argnumber ([0-9]+)')::int, o::int - 1) FROM unnest(arguments) WITH ORDINALITY u (a, o))) d;
        END IF;
        IF NOT p.built_in THEN
          IF p.provolatile = 'v' THEN
            what := 'volatile';
            RETURN NEXT;
          END IF;
        ELSIF called = ANY (times) OR p.proname ~ '^pg_(stat_get|timezone)_' THEN   -- what the server does, which offset a zone has now
          what := 'time';
          RETURN NEXT;
        ELSIF p.provolatile = 'v' THEN
          what := 'volatile';
          RETURN NEXT;
        ELSIF p.provolatile = 's' THEN
          argument_types := ARRAY(SELECT unnest(audit.value_types(owns, kinds, types, a)) FROM unnest(arguments) a);
          what := 'session';
          IF p.proname = ANY (audit.session_functions()) OR 790 = ANY (p.types || p.prorettype) AND 790 = ANY (sets.read)
             OR 'default_text_search_config' <> ALL (p_pinned) AND p.proname IN ('to_tsvector', 'to_tsquery', 'plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery', 'ts_headline', 'ts_match_tt', 'ts_match_tq', 'json_to_tsvector', 'jsonb_to_tsvector') THEN
            RETURN NEXT;   -- of these the stable ones are those without a configuration
          ELSIF p.proname = ANY (audit.lookup_functions()) THEN
            CONTINUE WHEN audit.read_as(audit.node_text(owns[arguments[1]]), 'regclass'::regtype, p_pinned) IS NULL;
            RETURN NEXT;
          ELSIF p.proname ~ '^jsonb?_(populate_record|populate_recordset|to_record|to_recordset)$' THEN
            what := audit.read_json((SELECT audit.node_json(owns[a]) FROM unnest(arguments) a WHERE types[a] IN (114, 3802) LIMIT 1), types[i], p_pinned);
            IF types[i] = 2249 THEN   -- a record gets its columns from the list behind the call
              SELECT audit.read_json((SELECT audit.node_json(owns[a]) FROM unnest(arguments) a WHERE types[a] IN (114, 3802) LIMIT 1), 2249, p_pinned,
                                     ARRAY(SELECT regexp_replace(m[1], '\\(.)', '\1', 'g') FROM regexp_matches(substring(owns[j] FROM ':funccolnames \((.*?)\) :funccoltypes'), '"((?:[^"\\]|\\.)*)"', 'g') m),
                                     string_to_array(substring(owns[j] FROM ':funccoltypes \(o ([0-9 ]+)\)'), ' ')::oid[]) INTO what
                FROM generate_series(1, i - 1) j WHERE kinds[j] = 'RANGETBLFUNCTION' AND owns[j] ~ format(':funcexpr @%s\M', i);
            END IF;
            IF what IS NOT NULL THEN
              RETURN NEXT;
            END IF;
          ELSIF p.proname IN ('to_char', 'to_number', 'to_date') AND NOT (sets.zoned && p.types) THEN
            CONTINUE WHEN NOT audit.localized(audit.node_text(owns[arguments[2]]), p.proname = 'to_date' OR p.types[0] IN (1114, 1184, 1186));
            RETURN NEXT;
          ELSIF sets.zoned && p.types OR p.prorettype = ANY (sets.zoned) THEN
            -- not so: whole hours added to an instant, seconds since the epoch, a zone that is given
            CONTINUE WHEN p.proname IN ('timestamptz_pl_interval', 'timestamptz_mi_interval', 'interval_pl_timestamptz', 'date_add', 'date_subtract', 'generate_series', 'generate_series_timestamptz', 'in_range')
              AND NOT EXISTS (SELECT 1 FROM unnest(arguments) a WHERE types[a] = 1186 AND NOT audit.whole_hours(owns, kinds, types, a));
            CONTINUE WHEN p.proname IN ('date_part', 'extract') AND audit.node_text(owns[arguments[1]]) = 'epoch';
            CONTINUE WHEN p.proname IN ('date_trunc', 'date_add', 'date_subtract') AND p.pronargs = 3;
            CONTINUE WHEN p.proname = 'generate_series' AND p.pronargs = 4 OR p.proname = 'make_timestamptz' AND p.pronargs = 7;
            RETURN NEXT;
          ELSIF p.proname ~ '^(to_jsonb?|row_to_json|array_to_json|jsonb?_build_(object|array)|jsonb?_(object_)?agg(_unique)?(_strict)?)$' THEN
            IF argument_types && spelled_json THEN
              call := call || ' of a ' || (SELECT format_type(a, NULL) FROM unnest(argument_types) a WHERE a = ANY (spelled_json) LIMIT 1);
              RETURN NEXT;
            END IF;
          ELSIF p.proname IN ('concat', 'concat_ws', 'format', 'textanycat', 'anytextcat', 'array_to_string', 'quote_literal', 'quote_nullable', 'record_out', 'array_out', 'range_out', 'multirange_out') THEN
            IF argument_types && spelled THEN
              call := call || ' of a ' || (SELECT format_type(a, NULL) FROM unnest(argument_types) a WHERE a = ANY (spelled) LIMIT 1);
              RETURN NEXT;
            END IF;
          END IF;
        END IF;
      END LOOP;
    END IF;
  END LOOP;
END
$$;
