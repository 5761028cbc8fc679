-- What a configuration demands less than another one, for a person to see: in plan and run when it is written, in status until a certificate was given by it.

-- How much a setting may count: more of it is looser (limit, where none is the loosest; span, with a default; leave, where none is the strictest), less of it
-- is (demand), any change may be (any), or none (none).
CREATE OR REPLACE FUNCTION audit.direction(p_setting text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN p_setting IN ('max', 'max_drop_percent', 'max_growth_percent', 'warn_age', 'max_data_age') THEN 'limit'
              WHEN p_setting IN ('max_age', 'lease', 'within', 'float_tolerance') THEN 'span'
              WHEN p_setting IN ('allow', 'exclude_columns', 'safe_functions', 'inputs of other jobs') THEN 'leave'
              WHEN p_setting IN ('min', 'prefixes', 'checks', 'inputs', 'column', 'raw', 'forbidden', 'refused') THEN 'demand'
              WHEN p_setting IN ('max_examples', 'keys_per_day', 'keep_values') THEN 'none' ELSE 'any' END
$$;

-- 1 when the second is more, -1 when less, null when neither can be said. Numbers and durations.
CREATE OR REPLACE FUNCTION audit.compared(p_before text, p_after text) RETURNS int
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN sign(p_after::numeric - p_before::numeric);
EXCEPTION WHEN invalid_text_representation THEN
  BEGIN
    RETURN sign(extract(epoch FROM p_after::interval - p_before::interval));
  EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
    RETURN NULL;
  END;
END
$$;

-- What a list or a single value holds. A reason, or what a person reads, makes no other entry of it.
CREATE OR REPLACE FUNCTION audit.entries_of(p_value jsonb) RETURNS TABLE (name text, entry jsonb)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(e ->> 'pattern', e ->> 'function', e ->> 'relation', e ->> 'name', e #>> '{}'),
         CASE jsonb_typeof(e) WHEN 'object' THEN e - 'reason' - 'meaning' ELSE e END
    FROM jsonb_array_elements(CASE jsonb_typeof(p_value) WHEN 'array' THEN p_value WHEN 'null' THEN '[]' ELSE jsonb_build_array(p_value) END) e
   WHERE p_value IS NOT NULL
$$;

-- The same for one setting.
CREATE OR REPLACE FUNCTION audit.loosened_setting(p_what text, p_setting text, p_before jsonb, p_after jsonb) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  way text := audit.direction(p_setting);
  scalar boolean := coalesce(jsonb_typeof(p_before), jsonb_typeof(p_after)) NOT IN ('array', 'object');
  looser boolean;
BEGIN
  IF p_before IS NOT DISTINCT FROM p_after OR way = 'none' THEN
    RETURN;
  ELSIF way = 'demand' AND NOT (scalar AND p_setting = 'min') THEN
    RETURN QUERY
      SELECT format(CASE p_setting WHEN 'forbidden' THEN '%2$s is no longer forbidden' WHEN 'refused' THEN '%2$s is no longer refused' ELSE '%1$s no longer hold %2$s as before' END, p_what, b.name)
        FROM audit.entries_of(p_before) b
       WHERE NOT EXISTS (SELECT 1 FROM audit.entries_of(p_after) a
                          WHERE a.entry = b.entry OR (jsonb_typeof(b.entry) = 'object' AND b.entry || jsonb_build_object('max_age', a.entry -> 'max_age') = a.entry
                                 AND audit.compared(b.entry ->> 'max_age', a.entry ->> 'max_age') <= 0));
    RETURN;
  ELSIF way = 'leave' THEN
    RETURN QUERY SELECT format('%s holds %s now', p_what, a.name) FROM audit.entries_of(p_after) a WHERE NOT EXISTS (SELECT 1 FROM audit.entries_of(p_before) b WHERE b.entry = a.entry);
    RETURN;
  END IF;
  looser := CASE WHEN way = 'any' OR way = 'span' AND (p_before IS NULL OR p_after IS NULL) THEN true
                 WHEN p_after IS NULL THEN true
                 WHEN p_before IS NULL THEN false
                 ELSE coalesce(audit.compared(p_before #>> '{}', p_after #>> '{}') = CASE p_setting WHEN 'min' THEN -1 ELSE 1 END, true) END;
  IF looser THEN
    RETURN NEXT format('%s is %s, was %s', p_what, coalesce(p_after #>> '{}', 'not set'), coalesce(p_before #>> '{}', 'not set'));
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION audit.loosened(p_before jsonb, p_after jsonb) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT l FROM unnest('{max_age,warn_age,max_data_age,lease,forbidden,refused,safe_functions,key_columns,anchor_column}'::text[]) WITH ORDINALITY k (key, o),
         LATERAL audit.loosened_setting(k.key, k.key, p_before -> k.key, p_after -> k.key) l
  UNION ALL
  SELECT l FROM audit.loosened_setting('inputs', 'inputs of other jobs', p_before -> 'inputs', p_after -> 'inputs') l
  UNION ALL
  SELECT 'parts of the closure may be read by themselves' WHERE coalesce(p_before ->> 'closure', 'deny') = 'deny' AND p_after ->> 'closure' <> 'deny'
  UNION ALL
  SELECT CASE WHEN a.names IS NULL THEN 'any view on top of the entrypoint is an alias' ELSE format('%s is an alias now', n) END
    FROM (SELECT array_agg(e.name) AS names FROM audit.entries_of(p_before -> 'aliases') e) b, (SELECT array_agg(e.name) AS names FROM audit.entries_of(p_after -> 'aliases') e) a,
         LATERAL unnest(coalesce(a.names, '{*}')) n
   WHERE b.names IS NOT NULL AND n <> ALL (b.names)
  UNION ALL
  SELECT CASE WHEN a.value IS NULL THEN format('gate %s is no longer run', g.key) ELSE format('gate %s only warns now', g.key) END
    FROM jsonb_each(coalesce(p_before -> 'gates', '{}')) g LEFT JOIN jsonb_each(coalesce(p_after -> 'gates', '{}')) a ON a.key = g.key
   WHERE a.value IS NULL OR coalesce(g.value ->> 'severity', 'block') = 'block' AND a.value ->> 'severity' = 'warn'
  UNION ALL
  SELECT l FROM jsonb_each(coalesce(p_before -> 'gates', '{}')) g JOIN jsonb_each(coalesce(p_after -> 'gates', '{}')) a ON a.key = g.key,
                LATERAL jsonb_object_keys(coalesce(g.value -> 'settings', '{}') || coalesce(a.value -> 'settings', '{}')) s,
                LATERAL audit.loosened_setting(format('gate %s: %s', g.key, s), s, g.value -> 'settings' -> s, a.value -> 'settings' -> s) l
$$;

-- Parts of a store's policy that its tables hold otherwise than the configuration that was last written: somebody changed them by hand, and gates go by them.
CREATE OR REPLACE FUNCTION audit.changed_by_hand(p_store text) RETURNS TABLE (object text, remark text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH y AS (SELECT * FROM audit.entrypoint_policy WHERE store = p_store),
       list (key, rule) AS (VALUES ('forbidden', 'forbidden'), ('refused', 'refused'), ('aliases', 'alias'), ('safe_functions', 'safe_function'), ('inputs', 'input')),
       configured AS (
         SELECT 'gate ' || g.key AS part, jsonb_build_object('severity', coalesce(g.value ->> 'severity', 'block'), 'settings', coalesce(g.value -> 'settings', '{}')) AS value
           FROM y, jsonb_each(coalesce(y.config -> 'gates', '{}')) g
         UNION ALL
         SELECT l.key, (SELECT jsonb_object_agg(x.pattern, x.reason) FROM (SELECT r.pattern, max(r.reason) FROM audit.rules_of(y.config -> l.key) r GROUP BY 1) x (pattern, reason)) FROM y, list l
         UNION ALL
         SELECT 'step ' || (s ->> 'name'), jsonb_build_array(s -> 'sql', coalesce(s -> 'reads', '[]'), coalesce(s -> 'writes', '[]')) FROM y, jsonb_array_elements(coalesce(y.config -> 'steps', '[]')) s
         UNION ALL
         SELECT k.key, k.value
           FROM y, LATERAL (VALUES ('max_age', to_jsonb(coalesce((y.config ->> 'max_age')::interval, interval '24 hours'))), ('warn_age', to_jsonb((y.config ->> 'warn_age')::interval)),
                                   ('max_data_age', to_jsonb((y.config ->> 'max_data_age')::interval)), ('lease', to_jsonb(coalesce((y.config ->> 'lease')::interval, interval '10 seconds'))),
                                   ('closure', to_jsonb(coalesce(y.config ->> 'closure', 'deny'))), ('key_columns', y.config -> 'key_columns'), ('anchor_column', y.config -> 'anchor_column'),
                                   ('time_zone', to_jsonb(coalesce(y.config ->> 'time_zone', 'UTC')))) k (key, value)),
       stored AS (
         SELECT 'gate ' || g.gate AS part, jsonb_build_object('severity', g.severity, 'settings', g.settings) AS value FROM audit.gate_setting g WHERE g.store = p_store
         UNION ALL
         SELECT l.key, (SELECT jsonb_object_agg(r.pattern, r.reason) FROM audit.relation_rule r WHERE r.store = p_store AND r.rule = l.rule) FROM list l
         UNION ALL
         SELECT 'step ' || s.name, jsonb_build_array(s.sql, s.reads, s.writes) FROM audit.sql_step s WHERE s.store = p_store
         UNION ALL
         SELECT k.key, k.value
           FROM y, LATERAL (VALUES ('max_age', to_jsonb(y.max_age)), ('warn_age', to_jsonb(y.warn_age)), ('max_data_age', to_jsonb(y.max_data_age)), ('lease', to_jsonb(y.lease)),
                                   ('closure', to_jsonb(y.closure)), ('key_columns', to_jsonb(y.key_columns)), ('anchor_column', to_jsonb(y.anchor_column)), ('time_zone', to_jsonb(y.time_zone))) k (key, value))
  SELECT part, 'is not as the configuration says, somebody changed it in the database: refresher init writes the configuration again'
    FROM configured c FULL JOIN stored s USING (part) WHERE c.value IS DISTINCT FROM s.value ORDER BY part
$$;
