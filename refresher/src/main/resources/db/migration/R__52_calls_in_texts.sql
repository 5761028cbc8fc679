-- What a body that the catalog keeps as text calls: part of the gate time-of-query.

-- The names in a function's body that surely mean an instant: its own parameters and variables, and columns that are one in every relation that it names. What
-- the body renames (AS name) may mean something else.
CREATE OR REPLACE FUNCTION audit.zoned_names(p_function oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH body AS MATERIALIZED (
         SELECT f.proargnames, f.proallargtypes, f.proargtypes::oid[] AS inputs, t.n, t.kind, t.token, lag(t.token) OVER w AS before, lead(t.token) OVER w AS next,
                lead(t.token, 2) OVER w || ' ' || lead(t.token, 3) OVER w || ' ' || lead(t.token, 4) OVER w AS further
           FROM pg_proc f, audit.sql_tokens(f.prosrc) t WHERE f.oid = p_function WINDOW w AS (ORDER BY t.n)),
       argument AS MATERIALIZED (
         SELECT u.name, u.type FROM pg_proc f, unnest(f.proargnames, coalesce(f.proallargtypes, f.proargtypes::oid[])) u (name, type) WHERE f.oid = p_function)
  SELECT coalesce(array_agg(DISTINCT x.name), '{}') FROM (
    SELECT a.name FROM argument a WHERE a.type IN (1184, 1266)
    UNION
    SELECT '$' || u.o FROM pg_proc f, unnest(f.proargtypes::oid[]) WITH ORDINALITY u (type, o) WHERE f.oid = p_function AND u.type IN (1184, 1266)
    UNION
    SELECT b.token FROM body b   -- DECLARE
     WHERE b.kind IN ('word', 'quoted') AND (b.before = ';' OR b.before = 'declare') AND (b.next IN ('timestamptz', 'timetz') OR b.next = 'timestamp' AND b.further = 'with time zone')
    UNION
    SELECT a.attname::text FROM audit.body_references(p_function) r
           JOIN pg_attribute a ON r.classid = 'pg_class'::regclass AND a.attrelid = r.objid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE NOT EXISTS (SELECT 1 FROM argument g WHERE g.name = a.attname::text)
     GROUP BY 1 HAVING bool_and(a.atttypid IN (1184, 1266))) x
   WHERE NOT EXISTS (SELECT 1 FROM body b WHERE b.before = 'as' AND b.token = x.name)
$$;

-- What a name that means an instant is used for, where that is another one in another session: p_first and p_last are its places among the words of a body.
CREATE OR REPLACE FUNCTION audit.zoned_use(p_kinds text[], p_words text[], p_first int, p_last int) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := array_to_string(p_words[p_first:p_last], '');
  n int := array_length(p_words, 1);
  before text := p_words[p_first - 1];
  next text := p_words[p_last + 1];
  type text;
  depth int := 0;
  commas int := 0;
  i int;
  open int;
BEGIN
  -- x::date, CAST(x AS date)
  IF next = '::' OR (next = 'as' AND before = '(' AND p_words[p_first - 2] = 'cast') THEN
    type := p_words[p_last + 2];
    IF type IN ('date', 'text', 'varchar', 'char', 'character', 'bpchar', 'name') OR (type IN ('time', 'timestamp') AND p_words[p_last + 3] IS DISTINCT FROM 'with'
       AND NOT coalesce(p_words[p_last + 3] = '(' AND p_words[p_last + 6] = 'with', false)) THEN
      RETURN format('%s::%s', name, type);
    END IF;
    RETURN NULL;
  END IF;
  -- x + interval '1 day'
  IF next IN ('+', '-') AND p_words[p_last + 2] = 'interval' AND p_kinds[p_last + 3] = 'string' THEN
    RETURN CASE WHEN p_words[p_last + 3] ~* 'day|week|mon|year|decade|cent|mill' THEN format('%s %s interval', name, next) END;
  END IF;
  -- x >= date '2026-01-01'
  i := p_last + 1;
  WHILE i < n AND p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!') LOOP
    i := i + 1;
  END LOOP;
  IF i > p_last + 1 AND i < n AND p_words[i] = 'date' AND p_kinds[i] = 'word' AND p_kinds[i + 1] = 'string' THEN
    RETURN format('%s compared with a date', name);
  END IF;
  -- extract(hour FROM x)
  IF before = 'from' AND next = ')' AND p_words[p_first - 3] = '(' AND p_words[p_first - 4] = 'extract' THEN
    RETURN CASE WHEN lower(p_words[p_first - 2]) <> 'epoch' THEN format('extract from %s', name) END;
  END IF;
  -- f(…, x, …)
  IF NOT coalesce(before IN ('(', ',') AND next IN (')', ','), false) THEN
    RETURN NULL;
  END IF;
  FOR i IN REVERSE p_first - 1 .. 1 LOOP
    IF p_kinds[i] = 'symbol' AND p_words[i] IN (')', ']') THEN
      depth := depth + 1;
    ELSIF p_kinds[i] = 'symbol' AND p_words[i] IN ('(', '[') THEN
      open := i;
      EXIT WHEN depth = 0;
      depth := depth - 1;
    END IF;
  END LOOP;
  IF depth <> 0 OR coalesce(open, 0) < 2 OR p_kinds[open - 1] <> 'word' THEN
    RETURN NULL;
  END IF;
  FOR i IN open .. n LOOP
    IF p_kinds[i] = 'symbol' THEN
      IF p_words[i] IN ('(', '[') THEN depth := depth + 1; ELSIF p_words[i] IN (')', ']') THEN depth := depth - 1; ELSIF p_words[i] = ',' AND depth = 1 THEN commas := commas + 1; END IF;
    END IF;
    EXIT WHEN depth = 0;
  END LOOP;
  RETURN CASE WHEN p_words[open - 1] IN ('to_char', 'date', 'concat', 'concat_ws', 'format', 'to_json', 'to_jsonb', 'json_build_object', 'jsonb_build_object', 'json_build_array',
                                         'jsonb_build_array', 'json_agg', 'jsonb_agg', 'array_to_string')
                OR (p_words[open - 1] = 'date_trunc' AND commas = 1)
                OR (p_words[open - 1] = 'date_part' AND lower(p_words[open + 1]) <> 'epoch') THEN format('%s of %s', p_words[open - 1], name) END;
END
$$;

-- The same for a body that the catalog keeps as text. Types are not known there but of the names given, so functions whose name has an innocent overload are
-- left alone.
DROP FUNCTION IF EXISTS audit.text_calls(text);
CREATE OR REPLACE FUNCTION audit.text_calls(p_body text, p_zoned text[]) RETURNS TABLE (what text, call text)
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
    IF p_zoned <> '{}' AND (kinds[i] IN ('word', 'quoted') AND words[i] = ANY (p_zoned) OR kinds[i] = 'number' AND words[i - 1] = '$' AND '$' || words[i] = ANY (p_zoned)) THEN
      j := i;
      WHILE j > 2 AND kinds[j - 1] = 'symbol' AND words[j - 1] = '.' LOOP
        j := j - 2;
      END LOOP;
      call := audit.zoned_use(kinds, words, CASE WHEN kinds[i] = 'number' THEN i - 1 ELSE j END, i);
      IF call IS NOT NULL THEN
        what := 'session';
        RETURN NEXT;
      END IF;
    END IF;
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
