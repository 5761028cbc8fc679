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
    RETURN QUERY SELECT * FROM audit.not_checked(p_store, 'forbidden-dependency', 'at least one forbidden name', 'the store forbids no name');
  END IF;
END
$$;
