-- The one way in for a store's configuration.

-- One JSON value as rules: a list of names, or of {pattern, reason}.
CREATE OR REPLACE FUNCTION audit.rules_of(p_list jsonb) RETURNS TABLE (pattern text, reason text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(e ->> 'pattern', e #>> '{}'), e ->> 'reason'
  FROM jsonb_array_elements(CASE jsonb_typeof(p_list) WHEN 'array' THEN p_list ELSE '[]' END) e
$$;

-- What of a store's configuration does not fit: places are the keys of its file that it may stand at, the likeliest first. An edge before a view may be one of
-- the file's own, or a step's "before": the file's own come first.
CREATE OR REPLACE FUNCTION audit.policy_complaints(p_config jsonb) RETURNS TABLE (places text[], complaint text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  known constant text[] := '{store,entrypoint,procedure_suffix,max_age,warn_age,max_data_age,lease,closure,publish_mode,key_columns,anchor_column,time_zone,sample_columns,forbidden,refused,aliases,safe_functions,inputs,declared_edges,gates,steps}';
  v_store text := p_config ->> 'store';
  relation regclass := to_regclass(p_config ->> 'entrypoint');
  v_entrypoint text := audit.relation_name(relation);
  steps text[] := ARRAY(SELECT s ->> 'name' FROM jsonb_array_elements(coalesce(p_config -> 'steps', '[]')) s);
  the_keys text[] := ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(p_config -> 'key_columns') WHEN 'array' THEN p_config -> 'key_columns' ELSE '[]' END));
BEGIN
  RETURN QUERY SELECT ARRAY[k], 'unknown key ' || k FROM jsonb_object_keys(p_config) k WHERE k <> ALL (known) AND NOT starts_with(k, 'x_') ORDER BY k;
  RETURN QUERY SELECT ARRAY['gates.' || k], 'unknown gate ' || k FROM jsonb_object_keys(coalesce(p_config -> 'gates', '{}')) k
    WHERE to_regprocedure(format('audit.%I(text)', 'gate_' || replace(k, '-', '_'))) IS NULL ORDER BY k;
  IF v_store IS NULL THEN
    RETURN QUERY SELECT '{store}'::text[], 'store is missing'::text;
  END IF;
  IF p_config ->> 'entrypoint' IS NULL THEN
    RETURN QUERY SELECT '{entrypoint}'::text[], 'entrypoint is missing'::text;
  ELSIF relation IS NULL THEN
    RETURN QUERY SELECT '{entrypoint}'::text[], format('the entrypoint %s does not exist', p_config ->> 'entrypoint');
  ELSE
    RETURN QUERY SELECT ARRAY[x.place], format('%s has no column %s', v_entrypoint, x.name)
      FROM (SELECT 'key' AS place, k AS name FROM unnest(the_keys) k UNION ALL SELECT 'anchor', p_config ->> 'anchor_column') x
     WHERE x.name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = x.name AND a.attnum > 0 AND NOT a.attisdropped);
  END IF;
  IF the_keys = '{}' THEN
    RETURN QUERY SELECT '{key}'::text[], 'key_columns is missing or empty'::text;
  END IF;
  IF p_config ->> 'anchor_column' IS NULL THEN
    RETURN QUERY SELECT '{anchor}'::text[], 'anchor_column is missing'::text;
  END IF;
  BEGIN
    PERFORM clock_timestamp() AT TIME ZONE coalesce(p_config ->> 'time_zone', 'UTC');
  EXCEPTION WHEN invalid_parameter_value THEN
    RETURN QUERY SELECT '{time_zone}'::text[], format('the server knows no time zone %s', p_config ->> 'time_zone');
  END;
  RETURN QUERY SELECT '{entrypoint}'::text[], format('%s is the entrypoint of store %s', v_entrypoint, y.store) FROM audit.entrypoint_policy y WHERE y.entrypoint = v_entrypoint AND y.store <> v_store;
  -- a name that is nowhere would order nothing, in silence; each comes with the key of the file that holds it
  RETURN QUERY
    SELECT DISTINCT ON (complaint) x.places, format('%s %s %s', x.key, x.name, CASE WHEN c.relkind IS NULL THEN 'does not exist' ELSE 'is no table' END) AS complaint
      FROM (SELECT s.o AS n, ARRAY[format('sql_steps[%s].%s', s.o, k.key)] AS places, format('step %s: %s', s.v ->> 'name', k.key) AS key, w AS name
              FROM jsonb_array_elements(coalesce(p_config -> 'steps', '[]')) WITH ORDINALITY s (v, o), LATERAL (VALUES ('target', s.v -> 'writes'), ('after', s.v -> 'reads')) k (key, list),
                   jsonb_array_elements_text(coalesce(k.list, '[]')) w
            UNION ALL
            SELECT e.o, array_remove(ARRAY[format('edges[%s].%s', e.o, v.key), format('sql_steps[%s].before', array_position(steps, e.v ->> 'from'))], 'sql_steps[].before'),
                   CASE WHEN e.v ->> 'from' = ANY (steps) THEN format('step %s: before', e.v ->> 'from') ELSE 'edges: ' || v.key END, v.name
              FROM jsonb_array_elements(coalesce(p_config -> 'declared_edges', '[]')) WITH ORDINALITY e (v, o), LATERAL (VALUES ('from', e.v ->> 'from'), ('to', e.v ->> 'to')) v (key, name)
             WHERE v.name <> ALL (steps)) x
           LEFT JOIN pg_class c ON c.relkind IN ('r', 'p', 'v', 'm', 'f') AND x.name IN (audit.relation_name(c.oid), audit.bare_name(audit.relation_name(c.oid)))
     WHERE c.relkind IS NULL OR x.key LIKE '%: target' AND c.relkind NOT IN ('r', 'p', 'f') ORDER BY complaint, x.n;
END
$$;

CREATE OR REPLACE FUNCTION audit.apply_policy(p_config jsonb, p_digest text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  complaints text[] := ARRAY(SELECT c.complaint FROM audit.policy_complaints(p_config) c);
  v_store text := p_config ->> 'store';
  v_entrypoint text := audit.relation_name(to_regclass(p_config ->> 'entrypoint'));
  suffix text := coalesce(p_config ->> 'procedure_suffix', regexp_replace(lower(p_config ->> 'store'), '\W+', '_', 'g'));
  the_keys text[] := ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(p_config -> 'key_columns') WHEN 'array' THEN p_config -> 'key_columns' ELSE '[]' END));
BEGIN
  IF complaints <> '{}' THEN
    RAISE EXCEPTION 'policy of store %: %', v_store, array_to_string(complaints, '; ') USING ERRCODE = '22023';
  END IF;

  DELETE FROM audit.relation_rule WHERE store = v_store;
  DELETE FROM audit.declared_edge WHERE store = v_store;
  DELETE FROM audit.gate_setting WHERE store = v_store;
  DELETE FROM audit.sql_step WHERE store = v_store;
  INSERT INTO audit.entrypoint_policy AS y
    (entrypoint, store, procedure_suffix, max_age, warn_age, max_data_age, lease, closure, publish_mode, key_columns, anchor_column, time_zone, sample_columns,
     config, config_digest)
  VALUES
    (v_entrypoint, v_store, suffix, coalesce((p_config ->> 'max_age')::interval, interval '24 hours'), (p_config ->> 'warn_age')::interval,
     (p_config ->> 'max_data_age')::interval, coalesce((p_config ->> 'lease')::interval, interval '10 seconds'), coalesce(p_config ->> 'closure', 'deny'),
     coalesce(p_config ->> 'publish_mode', 'atomic'), the_keys, p_config ->> 'anchor_column', coalesce(p_config ->> 'time_zone', 'UTC'),
     CASE WHEN jsonb_typeof(p_config -> 'sample_columns') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(p_config -> 'sample_columns')) END,
     p_config, p_digest)
  ON CONFLICT (store) DO UPDATE
     SET entrypoint = excluded.entrypoint, procedure_suffix = excluded.procedure_suffix, max_age = excluded.max_age, warn_age = excluded.warn_age,
         max_data_age = excluded.max_data_age, lease = excluded.lease, closure = excluded.closure, publish_mode = excluded.publish_mode,
         key_columns = excluded.key_columns, anchor_column = excluded.anchor_column, time_zone = excluded.time_zone,
         sample_columns = excluded.sample_columns, config = excluded.config, config_digest = excluded.config_digest, updated_at = clock_timestamp();
  INSERT INTO audit.policy_version (store, config_digest, config) VALUES (v_store, p_digest, p_config) ON CONFLICT DO NOTHING;
  INSERT INTO audit.relation_rule (store, rule, pattern, reason)
  SELECT v_store, k.rule, r.pattern, max(r.reason)
    FROM (VALUES ('forbidden', 'forbidden'), ('refused', 'refused'), ('aliases', 'alias'), ('safe_functions', 'safe_function'), ('inputs', 'input')) k (key, rule),
         LATERAL audit.rules_of(p_config -> k.key) r
   GROUP BY k.rule, r.pattern;
  INSERT INTO audit.declared_edge (store, from_relation, to_relation)
  SELECT DISTINCT v_store, e ->> 'from', e ->> 'to' FROM jsonb_array_elements(coalesce(p_config -> 'declared_edges', '[]')) e;
  INSERT INTO audit.gate_setting (store, gate, severity, settings)
  SELECT v_store, g.key, coalesce(g.value ->> 'severity', 'block'), coalesce(g.value -> 'settings', '{}') FROM jsonb_each(coalesce(p_config -> 'gates', '{}')) g;
  INSERT INTO audit.sql_step (store, name, position, sql, reads, writes)
  SELECT v_store, s.v ->> 'name', s.o::int, s.v ->> 'sql', ARRAY(SELECT jsonb_array_elements_text(coalesce(s.v -> 'reads', '[]'))),
         ARRAY(SELECT jsonb_array_elements_text(coalesce(s.v -> 'writes', '[]')))
    FROM jsonb_array_elements(coalesce(p_config -> 'steps', '[]')) WITH ORDINALITY AS s (v, o);
  PERFORM audit.make_procedures(v_store);
  PERFORM audit.refresh_order(v_store);   -- a cycle is told before it is written down
END
$$;

CREATE OR REPLACE FUNCTION audit.gate_kind(p_gate text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN p_gate IN ('forbidden-dependency', 'time-of-query', 'definition-drift', 'live-input') THEN 'definition' ELSE 'data' END
$$;

-- The gates of a store in the order in which they run: definitions first.
CREATE OR REPLACE FUNCTION audit.gates(p_store text) RETURNS TABLE (gate text, kind text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.gate, audit.gate_kind(s.gate), s.severity FROM audit.gate_setting s WHERE s.store = p_store
   ORDER BY audit.gate_kind(s.gate) DESC,
            coalesce(array_position(ARRAY['forbidden-dependency', 'time-of-query', 'live-input', 'definition-drift', 'freshness-of-input', 'row-count', 'key-unique', 'embargo', 'as-of-window',
                                     'sla-leakage', 'sql', 'dataset-hash'], s.gate), 99), s.gate
$$;

-- What a gate may block with: 'warn' where the policy says so, else its own grading.
CREATE OR REPLACE FUNCTION audit.graded(p_store text, p_gate text, p_severity text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN EXISTS (SELECT 1 FROM audit.gate_setting s WHERE s.store = p_store AND s.gate = p_gate AND s.severity = 'warn') THEN 'warn' ELSE p_severity END
$$;

CREATE OR REPLACE FUNCTION audit.settings_of(p_store text, p_gate text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT s.settings FROM audit.gate_setting s WHERE s.store = p_store AND s.gate = p_gate), '{}')
$$;

-- A finding of a gate, about the entrypoint unless an object is named. It blocks where the policy does not soften it.
CREATE OR REPLACE FUNCTION audit.finding_of(p_store text, p_gate text, p_expected text, p_found text, p_message text, p_examples jsonb DEFAULT NULL, p_object text DEFAULT NULL,
                                            p_path text[] DEFAULT NULL, p_next text DEFAULT NULL, p_severity text DEFAULT 'block')
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o, coalesce(p_path, ARRAY[o]), p_expected, p_found, p_examples, p_message, coalesce(p_next, format('refresher explain %s', p_gate)), audit.graded(p_store, p_gate, p_severity)
    FROM coalesce(p_object, audit.entrypoint_of_store(p_store)) o
$$;

-- A finding that says that there was nothing to look at, or that a setting is not met by the catalog.
CREATE OR REPLACE FUNCTION audit.not_checked(p_store text, p_gate text, p_expected text, p_message text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM audit.finding_of(p_store, p_gate, p_expected, 'none', 'the gate checked nothing: ' || p_message)
$$;

-- Calls a gate by its id. A gate that can't run has not passed.
CREATE OR REPLACE FUNCTION audit.run_gate(p_store text, p_gate text)
RETURNS TABLE (object text, path text[], expected text, found text, examples jsonb, message text, next_command text, severity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  what_is text;   -- the column "found" can't be assigned: plpgsql has a FOUND of its own
  state text;
  complaint text;
  hint text;
BEGIN
  IF to_regprocedure(format('audit.%I(text)', 'gate_' || replace(p_gate, '-', '_'))) IS NULL THEN
    RAISE EXCEPTION 'there is no gate %', p_gate USING ERRCODE = '22023';
  END IF;
  RETURN QUERY EXECUTE format('SELECT g.object, g.path, g.expected, g.found, g.examples, g.message, g.next_command, g.severity FROM audit.%I($1) g',
                              'gate_' || replace(p_gate, '-', '_')) USING p_store;
EXCEPTION
  WHEN query_canceled OR serialization_failure OR deadlock_detected OR lock_not_available OR admin_shutdown OR crash_shutdown THEN
    RAISE;
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, complaint = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    object := p_store; path := NULL; expected := 'the gate runs'; what_is := format('SQLSTATE %s', state); examples := NULL;
    message := format('gate %s could not run: %s', p_gate, complaint);
    next_command := coalesce(nullif(hint, ''), format('refresher plan %s', p_store));
    severity := audit.graded(p_store, p_gate, 'block');
    RETURN QUERY SELECT object, path, expected, what_is, examples, message, next_command, severity;
END
$$;

REVOKE ALL ON FUNCTION audit.apply_policy(jsonb, text), audit.policy_complaints(jsonb) FROM PUBLIC;
