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
