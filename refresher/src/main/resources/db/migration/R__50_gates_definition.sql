-- Definition gates: they speak about code, which is live at once. No row = passed.

CREATE OR REPLACE FUNCTION audit.gate_forbidden_dependency(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  root text := audit.entrypoint_of_store(p_store);
BEGIN
  RETURN QUERY
    SELECT c.object, c.path, format('nothing in the closure matches %s', f.pattern), c.object, NULL::jsonb,
           format('%s is forbidden here%s and is reached: %s', c.object, coalesce(' (' || f.reason || ')', ''), array_to_string(c.path, ' → ')),
           format('refresher graph %s', p_store), audit.graded(p_store, 'forbidden-dependency', 'block')
      FROM audit.closure(root) c
           JOIN audit.relation_rule f ON f.store = p_store AND f.rule = 'forbidden'
             AND (audit.matches(c.object, f.pattern) OR (c.kind = 'function' AND audit.matches(regexp_replace(c.object, '\(.*$', ''), f.pattern)))
     ORDER BY c.depth, c.object;
  IF NOT EXISTS (SELECT 1 FROM audit.relation_rule f WHERE f.store = p_store AND f.rule = 'forbidden') THEN
    RETURN QUERY SELECT root, ARRAY[root], 'at least one forbidden name', 'none', NULL::jsonb,
      'the gate checked nothing: the store forbids no name', format('refresher explain forbidden-dependency'), audit.graded(p_store, 'forbidden-dependency', 'block');
  END IF;
END
$$;

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

-- Built-in functions whose answer is another one in another session, apart from those that show it by a timestamptz in their signature.
CREATE OR REPLACE FUNCTION audit.session_functions() RETURNS name[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '{current_setting,current_schemas,current_schema,current_database,current_query,inet_client_addr,inet_client_port,inet_server_addr,inet_server_port,pg_backend_pid,pg_has_role,has_table_privilege,has_column_privilege,has_any_column_privilege,has_schema_privilege,has_database_privilege,has_function_privilege,has_sequence_privilege,row_security_active,pg_my_temp_schema,pg_is_other_temp_schema,session_user,current_user,getpgusername,pg_is_in_recovery,pg_table_is_visible,get_current_ts_config,timestamptz_in,timetz_in,date_in,timestamp_in}'::name[]
$$;

-- Judges one stored tree: every call in it that does not depend on its arguments alone. what: time | volatile | session.
CREATE OR REPLACE FUNCTION audit.tree_calls(p_tree text) RETURNS TABLE (what text, call text, function_oid oid)
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
  -- 1082 date, 1083 time, 1114 timestamp, 1184 timestamptz, 1266 timetz, 1186 interval, 17 bytea, 790 money; 25 text, 1043 varchar, 1042 char, 705 unknown
  zoned constant oid[] := '{1184,1185,1266,1270}';
  spelled constant oid[] := '{1082,1182,1114,1115,1184,1185,1266,1270,1186,1187,17,1001,790,791}';
BEGIN
  SELECT array_agg(t.own ORDER BY t.id), array_agg(t.node ORDER BY t.id), array_agg(audit.node_type(t.own) ORDER BY t.id) INTO owns, kinds, types
    FROM audit.tree_nodes(p_tree) t;
  FOR i IN 1 .. coalesce(array_length(owns, 1), 0) LOOP
    IF kinds[i] = 'SQLVALUEFUNCTION' THEN
      what := CASE WHEN substring(owns[i] FROM ':op ([0-9]+)')::int <= 8 THEN 'time' ELSE 'session' END;
      call := (ARRAY['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIME', 'CURRENT_TIMESTAMP', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIME', 'LOCALTIMESTAMP', 'LOCALTIMESTAMP',
                     'CURRENT_ROLE', 'CURRENT_USER', 'USER', 'SESSION_USER', 'CURRENT_CATALOG', 'CURRENT_SCHEMA'])[substring(owns[i] FROM ':op ([0-9]+)')::int + 1];
      function_oid := NULL;
      RETURN NEXT;
    ELSIF kinds[i] = 'TABLESAMPLECLAUSE' THEN
      IF owns[i] ~ ':repeatable <>' THEN
        what := 'volatile'; call := 'TABLESAMPLE without REPEATABLE'; function_oid := NULL;
        RETURN NEXT;
      END IF;
    ELSIF kinds[i] = 'NEXTVALUEEXPR' THEN
      what := 'volatile'; call := 'nextval'; function_oid := NULL;
      RETURN NEXT;
    ELSIF kinds[i] = 'COERCEVIAIO' THEN
      arguments := ARRAY[coalesce(substring(owns[i] FROM ':arg @([0-9]+)'), '0')::int];
      CONTINUE WHEN arguments[1] = 0;
      function_oid := NULL;
      IF types[i] IN (1082, 1083, 1114, 1184, 1266) AND NOT types[arguments[1]] = ANY (spelled) THEN
        word := lower(btrim(audit.node_text(owns[arguments[1]])));
        call := format('%s::%s', coalesce(quote_literal(word), 'text'), format_type(types[i], NULL));
        IF word ~ '\m(now|today|tomorrow|yesterday)\M' THEN
          what := 'time';
          RETURN NEXT;
        ELSIF NOT coalesce(word ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ t][0-9:.]+)?$' AND types[i] NOT IN (1184, 1266), false)
              AND NOT coalesce(word ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ t][0-9:.]+(z|utc|[+-][0-9:]+)$', false) THEN
          what := 'session';
          RETURN NEXT;
        END IF;
      ELSIF types[arguments[1]] = ANY (spelled) AND types[i] IN (25, 1042, 1043) THEN
        what := 'session';
        call := format('%s::text', format_type(types[arguments[1]], NULL));
        RETURN NEXT;
      END IF;
    ELSE
      FOR r IN SELECT DISTINCT m[1]::oid AS f FROM regexp_matches(owns[i], ':(?:funcid|opfuncid|aggfnoid|winfnoid|hashfuncid|negfuncid) ([0-9]+)', 'g') m LOOP
        called := r.f;
        CONTINUE WHEN called = 0;
        SELECT f.oid, f.proname, f.provolatile, f.pronargs, f.proargtypes::oid[] AS types, f.prorettype, f.pronamespace = 'pg_catalog'::regnamespace AS built_in
          INTO p FROM pg_proc f WHERE f.oid = called;
        CONTINUE WHEN NOT FOUND;
        function_oid := called;
        call := called::regprocedure::text;
        IF NOT p.built_in THEN
          IF p.provolatile = 'v' THEN
            what := 'volatile';
            RETURN NEXT;
          END IF;
        ELSIF called = ANY (times) THEN
          what := 'time';
          RETURN NEXT;
        ELSIF p.provolatile = 'v' THEN
          what := 'volatile';
          RETURN NEXT;
        ELSIF p.provolatile = 's' THEN
          arguments := ARRAY(SELECT m[1]::int FROM regexp_matches(substring(owns[i] FROM ':args \(([^)]*)\)'), '@([0-9]+)', 'g') m);
          argument_types := ARRAY(SELECT types[a] FROM unnest(arguments) a);
          what := 'session';
          IF p.proname = ANY (audit.session_functions()) THEN
            RETURN NEXT;
          ELSIF zoned && p.types OR p.prorettype = ANY (zoned) THEN
            -- not so: whole hours added to an instant, seconds since the epoch, a zone that is given
            CONTINUE WHEN p.proname IN ('timestamptz_pl_interval', 'timestamptz_mi_interval', 'interval_pl_timestamptz', 'date_add', 'date_subtract', 'generate_series', 'generate_series_timestamptz', 'in_range')
              AND EXISTS (SELECT 1 FROM unnest(arguments) a WHERE kinds[a] = 'CONST' AND types[a] = 1186 AND owns[a] ~ ':constvalue 16 \[ (-?[0-9]+ ){8}(0 ){8}\]');
            CONTINUE WHEN p.proname IN ('date_part', 'extract') AND audit.node_text(owns[arguments[1]]) = 'epoch';
            CONTINUE WHEN p.proname IN ('date_trunc', 'date_add', 'date_subtract') AND p.pronargs = 3;
            CONTINUE WHEN p.proname = 'generate_series' AND p.pronargs = 4;
            RETURN NEXT;
          ELSIF p.proname IN ('to_json', 'to_jsonb', 'row_to_json', 'array_to_json', 'json_build_object', 'jsonb_build_object', 'json_build_array', 'jsonb_build_array',
                              'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg', 'json_agg_strict', 'jsonb_agg_strict') THEN
            IF zoned && argument_types
               OR EXISTS (SELECT 1 FROM pg_type y JOIN pg_attribute a ON a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                           WHERE y.oid = ANY (argument_types) AND y.typrelid <> 0 AND a.atttypid = ANY (zoned)) THEN
              call := call || ' of a timestamptz';
              RETURN NEXT;
            END IF;
          ELSIF p.proname IN ('concat', 'concat_ws', 'format', 'textanycat', 'anytextcat', 'array_to_string', 'quote_literal', 'quote_nullable') THEN
            IF spelled && argument_types THEN
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

-- The same for a body that the catalog keeps as text. Types are not known there, so functions whose name has an innocent overload are left alone.
CREATE OR REPLACE FUNCTION audit.text_calls(p_body text) RETURNS TABLE (what text, call text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  body text := p_body;
  kinds text[];
  words text[];
  n int;
  j int;
  depth int;
  commas int;
  word text;
  qualified boolean;
BEGIN
  SELECT array_agg(t.kind ORDER BY t.n), array_agg(t.token ORDER BY t.n) INTO kinds, words FROM audit.sql_tokens(body) t;
  n := coalesce(array_length(words, 1), 0);
  IF EXISTS (SELECT 1 FROM generate_series(1, n) i WHERE kinds[i] = 'word' AND words[i] = 'execute') THEN
    SELECT array_agg(t.kind ORDER BY s.n, t.n), array_agg(t.token ORDER BY s.n, t.n) INTO kinds, words
      FROM audit.sql_tokens(body) s,
           LATERAL (SELECT 1::bigint AS n, s.kind, s.token WHERE s.kind <> 'string'
                    UNION ALL SELECT u.n, u.kind, u.token FROM audit.sql_tokens(s.token) u WHERE s.kind = 'string') t;
    n := coalesce(array_length(words, 1), 0);
  END IF;
  FOR i IN 1 .. n LOOP
    word := words[i];
    IF kinds[i] = 'string' THEN
      IF lower(btrim(word)) IN ('now', 'today', 'tomorrow', 'yesterday')
         AND ((i < n AND words[i + 1] = '::') OR (i < n AND kinds[i + 1] = 'word' AND words[i + 1] = 'as')
              OR (i > 1 AND kinds[i - 1] = 'word' AND words[i - 1] IN ('date', 'time', 'timestamp', 'timestamptz'))) THEN
        what := 'time'; call := quote_literal(word) || '::date';
        RETURN NEXT;
      END IF;
      CONTINUE;
    END IF;
    CONTINUE WHEN kinds[i] NOT IN ('word', 'quoted');
    qualified := i > 2 AND words[i - 1] = '.' AND kinds[i - 1] = 'symbol';
    IF kinds[i] = 'word' AND NOT qualified AND NOT (i < n AND words[i + 1] = '.') THEN
      IF word IN ('current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp') THEN
        what := 'time'; call := upper(word);
        RETURN NEXT;
        CONTINUE;
      ELSIF word IN ('current_user', 'session_user', 'current_role', 'user', 'current_schema', 'current_catalog') THEN
        what := 'session'; call := upper(word);
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    CONTINUE WHEN NOT (i < n AND kinds[i + 1] = 'symbol' AND words[i + 1] = '(');
    CONTINUE WHEN qualified AND words[i - 2] <> 'pg_catalog';
    IF word IN ('now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'timeofday', 'pg_postmaster_start_time', 'pg_conf_load_time', 'txid_current',
                'txid_current_if_assigned', 'txid_current_snapshot', 'pg_current_xact_id', 'pg_current_xact_id_if_assigned', 'pg_current_snapshot',
                'pg_last_xact_replay_timestamp', 'mxid_age') THEN
      what := 'time'; call := word || '()';
      RETURN NEXT;
    ELSIF word = 'age' THEN
      -- age(x) reads the clock, age(x, y) does not
      depth := 0; commas := 0; j := i + 1;
      LOOP
        IF kinds[j] = 'symbol' THEN
          IF words[j] IN ('(', '[') THEN depth := depth + 1; ELSIF words[j] IN (')', ']') THEN depth := depth - 1; ELSIF words[j] = ',' AND depth = 1 THEN commas := commas + 1; END IF;
        END IF;
        j := j + 1;
        EXIT WHEN depth = 0 OR j > n;
      END LOOP;
      IF commas = 0 THEN
        what := 'time'; call := 'age(x)';
        RETURN NEXT;
      END IF;
    ELSIF word = ANY (audit.session_functions()) THEN
      what := 'session'; call := word || '()';
      RETURN NEXT;
    ELSIF EXISTS (SELECT 1 FROM pg_proc b WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname = word AND b.provolatile = 'v') THEN
      what := 'volatile'; call := word || '()';
      RETURN NEXT;
    END IF;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.gate_time_of_query(p_store text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  allowed jsonb := coalesce(audit.settings_of(p_store, 'time-of-query') -> 'allow', '[]');
  checked int := 0;
  c record;
  f record;
  pinned boolean;
BEGIN
  FOR c IN SELECT * FROM audit.closure(root) x ORDER BY x.depth, x.object LOOP
    checked := checked + (c.kind IN ('v', 'm', 'function'))::int;
    FOR f IN
      SELECT DISTINCT t.what, t.call, t.function_oid FROM (
        SELECT k.what, k.call, k.function_oid FROM pg_rewrite w, audit.tree_calls(w.ev_action::text) k
         WHERE c.kind IN ('v', 'm') AND w.ev_class = c.oid AND w.ev_type = '1'
        UNION ALL
        SELECT k.what, k.call, k.function_oid FROM pg_proc p, audit.tree_calls(p.prosqlbody::text) k
         WHERE c.kind = 'function' AND p.oid = c.oid AND p.prosqlbody IS NOT NULL
        UNION ALL
        SELECT k.what, k.call, NULL FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql'), audit.text_calls(p.prosrc) k
         WHERE c.kind = 'function' AND p.oid = c.oid AND p.prosqlbody IS NULL
        UNION ALL
        SELECT k.what, k.call || ' in step ' || s.name, NULL FROM audit.steps_on(c.oid) s, audit.text_calls(s.sql) k WHERE c.kind IN ('r', 'p')
        UNION ALL
        SELECT 'volatile', 'VOLATILE', c.oid FROM pg_proc p WHERE c.kind = 'function' AND p.oid = c.oid AND p.provolatile = 'v'
        UNION ALL
        SELECT 'unread', l.lanname::text, c.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         WHERE c.kind = 'function' AND p.oid = c.oid AND l.lanname NOT IN ('sql', 'plpgsql', 'c', 'internal')
        UNION ALL
        SELECT 'session', 'row security', NULL FROM pg_class r WHERE c.kind IN ('r', 'p', 'f') AND r.oid = c.oid AND r.relrowsecurity) t
      ORDER BY t.what, t.call
    LOOP
      -- a VOLATILE function of users is told once, at the function itself
      CONTINUE WHEN f.what = 'volatile' AND f.function_oid IS NOT NULL AND f.function_oid <> c.oid
        AND EXISTS (SELECT 1 FROM pg_proc p WHERE p.oid = f.function_oid AND p.pronamespace <> 'pg_catalog'::regnamespace);
      CONTINUE WHEN EXISTS (
        SELECT 1 FROM jsonb_array_elements(allowed) a, unnest(ARRAY[f.call, 'pg_catalog.' || f.call, regexp_replace(f.call, '\(.*$', ''),
                 CASE WHEN c.kind = 'function' THEN c.object END, CASE WHEN c.kind = 'function' THEN regexp_replace(c.object, '\(.*$', '') END]) n
         WHERE audit.matches(n, a ->> 'function') AND coalesce(a ->> 'reason', '') <> '' AND (a ->> 'object' IS NULL OR audit.matches(c.object, a ->> 'object')));
      pinned := NOT c.live OR f.call LIKE '% in step %';
      object := c.object;
      path := c.path;
      expected := CASE f.what WHEN 'time' THEN 'no dependence on the time of the query' WHEN 'volatile' THEN 'no VOLATILE function' WHEN 'session' THEN 'the same rows in every session'
                              ELSE 'a body that can be read' END;
      what_is := f.call;
      examples := NULL;
      message := CASE f.what
        WHEN 'time' THEN format('%s depends on the time of the query: %s', c.object, f.call)
        WHEN 'volatile' THEN CASE WHEN f.function_oid = c.oid THEN format('%s is VOLATILE: it may give other rows at every call', c.object)
                                  ELSE format('%s calls %s, which is VOLATILE', c.object, f.call) END
        WHEN 'session' THEN format('%s depends on the session of the %s: %s', c.object, CASE WHEN pinned THEN 'refresh (pinned by the refresher)' ELSE 'reader' END, f.call)
        ELSE format('%s is written in %s and can''t be searched', c.object, f.call) END || '; path ' || array_to_string(c.path, ' → ');
      next_command := format('refresher explain time-of-query');
      severity := audit.graded(p_store, 'time-of-query', CASE WHEN f.what IN ('time', 'volatile') THEN 'block' WHEN f.what = 'session' AND NOT pinned THEN 'block' ELSE 'warn' END);
      RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    END LOOP;
  END LOOP;
  IF checked = 0 THEN
    object := root; path := ARRAY[root]; expected := 'at least one definition'; what_is := 'none'; examples := NULL;
    message := 'the gate checked nothing: the closure has no view and no function'; next_command := format('refresher plan %s', p_store);
    severity := audit.graded(p_store, 'time-of-query', 'block');
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END IF;
END
$$;

-- What executes, as text: definitions under search_path = pg_catalog, columns, options, function bodies, the indexes that CONCURRENTLY needs. Of a
-- table only the columns that the closure reads, unless something reads it whole.
CREATE OR REPLACE FUNCTION audit.definitions(p_entrypoint text)
RETURNS TABLE (object text, kind text, path text[], definition text, fingerprint text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  oids oid[];
  read_by_functions oid[];
  c record;
  whole boolean;
  aggregate text;
BEGIN
  oids := ARRAY(SELECT x.oid FROM audit.closure(p_entrypoint) x WHERE x.kind IN ('v', 'm'));
  read_by_functions := ARRAY(SELECT b.objid FROM audit.closure(p_entrypoint) x, audit.body_references(x.oid) b WHERE x.kind = 'function');
  FOR c IN SELECT * FROM audit.closure(p_entrypoint) x ORDER BY x.object LOOP
    object := c.object;
    kind := c.kind;
    path := c.path;
    IF c.kind = 'function' THEN
      SELECT concat_ws(' ', a.aggkind::text, a.aggtransfn::regprocedure::text, nullif(a.aggfinalfn, 0)::regprocedure::text, nullif(a.aggcombinefn, 0)::regprocedure::text,
                       a.aggtranstype::regtype::text, a.agginitval) INTO aggregate FROM pg_aggregate a WHERE a.aggfnoid = c.oid;
      definition := coalesce('AGGREGATE ' || c.object || E'\n' || aggregate, pg_get_functiondef(c.oid));
    ELSE
      SELECT bool_or(d.refobjsubid = 0) OR bool_or(d.classid <> 'pg_rewrite'::regclass) INTO whole
        FROM pg_class x LEFT JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = x.oid AND d.deptype = 'n'
          AND ((d.classid = 'pg_rewrite'::regclass AND EXISTS (SELECT 1 FROM pg_rewrite w WHERE w.oid = d.objid AND w.ev_class = ANY (oids)))
               OR d.classid = 'pg_proc'::regclass)
       WHERE x.oid = c.oid;
      whole := c.kind IN ('v', 'm') OR coalesce(whole, true)
        OR c.oid = ANY (read_by_functions);
      definition := format('%s %s', CASE c.kind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.object)
        || coalesce((SELECT ' WITH (' || array_to_string(x.reloptions, ', ') || ')' FROM pg_class x WHERE x.oid = c.oid AND c.kind = 'v' AND x.reloptions IS NOT NULL), '')
        || coalesce((SELECT string_agg(format(E'\n  column %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                              CASE WHEN a.attcollation <> y.typcollation THEN ' collate ' || a.attcollation::regcollation::text ELSE '' END,
                                              CASE WHEN a.attgenerated <> '' THEN ' generated ' || pg_get_expr(e.adbin, e.adrelid) ELSE '' END), '' ORDER BY a.attnum)
                       FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND (whole OR EXISTS (SELECT 1 FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
                              WHERE d.classid = 'pg_rewrite'::regclass AND w.ev_class = ANY (oids) AND d.refclassid = 'pg_class'::regclass
                                AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))), '')
        || coalesce((SELECT string_agg(E'\n  ' || regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ', 'INDEX ON '), '' ORDER BY regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ', 'INDEX ON ') COLLATE "C")
                       FROM pg_index i WHERE c.kind = 'm' AND i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL), '')
        || coalesce((SELECT string_agg(format(E'\n  policy %I %s %s', y.polname, y.polcmd, pg_get_expr(y.polqual, y.polrelid)), '' ORDER BY y.polname)
                       FROM pg_policy y JOIN pg_class x ON x.oid = y.polrelid AND x.relrowsecurity WHERE y.polrelid = c.oid), '')
        || coalesce((SELECT string_agg(format(E'\n  step %s: %s', t.name, t.sql), '' ORDER BY t.name) FROM audit.steps_on(c.oid) t), '')
        || CASE WHEN c.kind IN ('v', 'm') THEN E'\nAS\n' || pg_get_viewdef(c.oid) ELSE '' END;
    END IF;
    fingerprint := encode(sha256(convert_to(definition, 'UTF8')), 'hex');
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION audit.definition_digest(p_store text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT encode(sha256(convert_to(string_agg(d.object || '=' || d.fingerprint, E'\n' ORDER BY d.object COLLATE "C"), 'UTF8')), 'hex')
  FROM audit.definitions(audit.entrypoint_of_store(p_store)) d
$$;

CREATE OR REPLACE FUNCTION audit.definition_objects(p_store text) RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)::int FROM audit.closure(audit.entrypoint_of_store(p_store))
$$;

-- Data that the closure has without a refresh: the storage of its relations (a plain REFRESH, TRUNCATE or rewrite changes it, CONCURRENTLY does not) and the
-- rows of tables that are read live, with the transactions that wrote them. Null where a live table is too large to look through: then a chain never goes on.
CREATE OR REPLACE FUNCTION audit.live_digest(p_store text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
DECLARE
  parts text[] := '{}';
  part text;
  c record;
BEGIN
  FOR c IN SELECT x.object, x.kind, x.oid, x.live FROM audit.closure(audit.entrypoint_of_store(p_store)) x
            WHERE x.kind IN ('m', 'r', 'p', 'f') ORDER BY x.object COLLATE "C" LOOP
    IF c.kind = 'm' THEN
      parts := parts || format('%s %s', c.object, pg_relation_filenode(c.oid));
    ELSIF c.live AND c.kind = 'r' AND EXISTS (SELECT 1 FROM pg_namespace n JOIN pg_class r ON r.relnamespace = n.oid WHERE r.oid = c.oid AND n.nspname = 'pg_catalog') THEN
      RETURN NULL;
    ELSIF c.live AND c.kind = 'f' THEN
      RETURN NULL;
    ELSIF c.live AND c.kind = 'r' AND NOT EXISTS (SELECT 1 FROM audit.steps_on(c.oid) t WHERE t.store = p_store) THEN
      IF pg_relation_size(c.oid) > 16 * 1024 * 1024 OR NOT has_table_privilege(c.oid, 'SELECT') THEN
        RETURN NULL;
      END IF;
      -- record_out, not a cast: no cast of a user's making runs here
      EXECUTE format('SELECT count(*) || '' '' || coalesce(sum(hashtextextended(textin(record_out(t)) || t.xmin::text, 0)), 0) FROM ONLY %s t', c.object) INTO part;
      parts := parts || format('%s %s %s', c.object, pg_relation_filenode(c.oid), part);
    END IF;
  END LOOP;
  RETURN encode(sha256(convert_to(array_to_string(parts, E'\n'), 'UTF8')), 'hex');
END
$$;

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

CREATE OR REPLACE FUNCTION audit.definition_algorithm() RETURNS int LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$;
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
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  root text := audit.entrypoint_of_store(p_store);
  base audit.baseline := audit.approved_baseline(p_store, 'definition');
  grade text := audit.graded(p_store, 'definition-drift', 'block');
  upgraded boolean := base.server_major <> audit.server_major();
  d record;
  diff text[];
BEGIN
  next_command := format('refresher baseline propose %s', p_store);
  severity := grade;
  IF base.baseline_id IS NULL OR NOT EXISTS (SELECT 1 FROM audit.definition_baseline x WHERE x.baseline_id = base.baseline_id) THEN
    object := root; path := ARRAY[root]; expected := 'an approved baseline'; what_is := 'none';
    message := 'the gate checked nothing: no definition baseline has been approved before this run';
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
    RETURN;
  END IF;
  IF base.algorithm <> audit.definition_algorithm() THEN
    object := root; path := ARRAY[root]; expected := format('fingerprints of algorithm %s', audit.definition_algorithm()); what_is := format('algorithm %s', base.algorithm);
    message := format('baseline %s was made by another fingerprint algorithm and can''t be compared', base.baseline_id);
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
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
    object := d.object;
    path := d.path;
    expected := coalesce('sha256 ' || left(d.old_print, 16), 'not in the closure');
    what_is := coalesce('sha256 ' || left(d.new_print, 16), 'no longer in the closure');
    diff := CASE WHEN d.was IS NULL OR d.is_now IS NULL THEN '{}' ELSE audit.text_diff(d.was, d.is_now, 40) END;
    examples := jsonb_build_object('diff', to_jsonb(diff), 'baseline', base.baseline_id);
    message := CASE WHEN d.was IS NULL THEN format('%s is new in the closure: %s', d.object, array_to_string(d.path, ' → '))
                    WHEN d.is_now IS NULL THEN format('%s is no longer in the closure', d.object)
                    WHEN upgraded THEN format('%s reads differently since the server went from major %s to %s, beyond what an upgrade respells', d.object, base.server_major, audit.server_major())
                    ELSE format('%s changed since baseline %s was approved by %s: %s', d.object, base.baseline_id, base.reviewer,
                                coalesce((SELECT x FROM unnest(diff) WITH ORDINALITY u (x, o) ORDER BY starts_with(x, '+') DESC, o LIMIT 1), 'the layout')) END;
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
  END LOOP;
END
$$;
