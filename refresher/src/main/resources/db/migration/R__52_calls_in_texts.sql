-- What a body that the catalog keeps as text calls: part of the gate time-of-query.

-- The names in a function's body that surely mean a value of these types: its own parameters and variables, and columns that are one in every relation that it
-- names. What the body renames (AS name) may mean something else.
DROP FUNCTION IF EXISTS audit.zoned_names(oid);
CREATE OR REPLACE FUNCTION audit.typed_names(p_function oid, p_types oid[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH body AS MATERIALIZED (
         SELECT f.proargnames, f.proallargtypes, f.proargtypes::oid[] AS inputs, t.n, t.kind, t.token, lag(t.token) OVER w AS before, lead(t.token) OVER w AS next,
                lead(t.token, 2) OVER w || ' ' || lead(t.token, 3) OVER w || ' ' || lead(t.token, 4) OVER w AS further
           FROM pg_proc f, audit.sql_tokens(f.prosrc) t WHERE f.oid = p_function WINDOW w AS (ORDER BY t.n)),
       argument AS MATERIALIZED (
         SELECT u.name, u.type FROM pg_proc f, unnest(f.proargnames, coalesce(f.proallargtypes, f.proargtypes::oid[])) u (name, type) WHERE f.oid = p_function)
  SELECT coalesce(array_agg(DISTINCT x.name), '{}') FROM (
    SELECT a.name FROM argument a WHERE a.type = ANY (p_types)
    UNION
    SELECT '$' || u.o FROM pg_proc f, unnest(f.proargtypes::oid[]) WITH ORDINALITY u (type, o) WHERE f.oid = p_function AND u.type = ANY (p_types)
    UNION
    SELECT b.token FROM body b   -- DECLARE
     WHERE b.kind IN ('word', 'quoted') AND b.before IN (';', 'declare')
       AND EXISTS (SELECT 1 FROM pg_type y WHERE y.oid = ANY (p_types) AND y.typname = b.next || CASE WHEN b.next IN ('time', 'timestamp') AND b.further = 'with time zone' THEN 'tz' ELSE '' END)
    UNION
    SELECT a.attname::text FROM audit.body_references(p_function) r
           JOIN pg_attribute a ON r.classid = 'pg_class'::regclass AND a.attrelid = r.objid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE NOT EXISTS (SELECT 1 FROM argument g WHERE g.name = a.attname::text)
     GROUP BY 1 HAVING bool_and(a.atttypid = ANY (p_types))) x
   WHERE NOT EXISTS (SELECT 1 FROM body b WHERE b.before = 'as' AND b.token = x.name)
$$;

-- Where the arguments of a call begin among the words of a text; p_open is the place of its parenthesis.
CREATE OR REPLACE FUNCTION audit.argument_places(p_kinds text[], p_words text[], p_open int) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  depth int := 0;
  result int[] := '{}';
BEGIN
  FOR i IN p_open .. coalesce(array_length(p_words, 1), 0) LOOP
    IF p_kinds[i] = 'symbol' AND p_words[i] IN (')', ']') THEN
      depth := depth - 1;
      EXIT WHEN depth = 0;
    ELSIF depth = 1 AND (i = p_open + 1 OR p_kinds[i - 1] = 'symbol' AND p_words[i - 1] = ',') THEN
      result := result || i;
    END IF;
    IF p_kinds[i] = 'symbol' AND p_words[i] IN ('(', '[') THEN
      depth := depth + 1;
    END IF;
  END LOOP;
  RETURN result;
END
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
  RETURN CASE WHEN p_words[open - 1] IN ('to_char', 'date', 'concat', 'concat_ws', 'format', 'to_json', 'to_jsonb', 'json_build_object', 'jsonb_build_object', 'json_build_array',
                                         'jsonb_build_array', 'json_agg', 'jsonb_agg', 'array_to_string')
                OR (p_words[open - 1] = 'date_trunc' AND array_length(audit.argument_places(p_kinds, p_words, open), 1) = 2)
                OR (p_words[open - 1] = 'date_part' AND lower(p_words[open + 1]) <> 'epoch') THEN format('%s of %s', p_words[open - 1], name) END;
END
$$;

-- The date or time that the string at this place is read as, null where it stays a text or nothing says otherwise. p_timed: names that mean a date or time.
CREATE OR REPLACE FUNCTION audit.string_as(p_kinds text[], p_words text[], p_place int, p_timed text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  names constant text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.typname = ANY (p_words) AND audit.read_as(p_words[p_place], y.oid) = 'time');
  builtin constant text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.oid = ANY ((audit.session_types()).timed));
  l int := p_place - 1;   -- what stands before it and after it
  r int := p_place + 1;
  i int;
BEGIN
  -- date 'today', timestamp (3) with time zone 'now'
  i := l - CASE WHEN p_words[l] = 'zone' AND p_words[l - 1] = 'time' AND p_words[l - 2] IN ('with', 'without') THEN 3 ELSE 0 END;
  i := i - CASE WHEN p_words[i] = ')' AND p_kinds[i - 1] = 'number' AND p_words[i - 2] = '(' THEN 3 ELSE 0 END;
  IF p_kinds[i] IN ('word', 'quoted') AND p_words[i] = ANY (names) THEN
    RETURN p_words[i];
  END IF;
  -- ('now'::text)::date, CAST('now' AS date), date('now')
  LOOP
    IF p_words[r] = '::' OR p_kinds[r] = 'word' AND p_words[r] = 'as' AND p_words[l] = '(' AND p_words[l - 1] = 'cast' THEN
      r := r + CASE WHEN p_words[r + 2] = '.' THEN 3 ELSE 1 END;
      IF p_words[r] = ANY (names) THEN
        RETURN p_words[r];
      END IF;
      r := r + CASE WHEN p_words[r + 1] IN ('(', '[') AND p_kinds[r + 2] = 'number' THEN 4 WHEN p_words[r + 1] = '[' THEN 3 ELSE 1 END;
    ELSIF p_words[l] = '(' AND p_words[r] = ')' AND p_kinds[l] = 'symbol' AND p_kinds[r] = 'symbol' THEN
      IF p_words[l - 1] = ANY (builtin) AND p_words[l - 2] IS DISTINCT FROM '.' THEN
        RETURN p_words[l - 1];
      END IF;
      EXIT WHEN p_kinds[l - 1] = 'quoted' OR p_kinds[l - 1] = 'word'
        AND p_words[l - 1] NOT IN ('select', 'distinct', 'all', 'and', 'or', 'not', 'return', 'when', 'then', 'else', 'in', 'where', 'on', 'having', 'by', 'case', 'between', 'if', 'elsif',
                                   'while', 'default', 'cast', 'values', 'query', 'using', 'from');
      l := l - CASE WHEN p_words[l - 1] = 'cast' THEN 2 ELSE 1 END;
      r := r + 1;
    ELSE
      EXIT;
    END IF;
  END LOOP;
  -- RETURN 'now' of a function whose result is one
  IF p_kinds[l] = 'word' AND p_words[l] = 'return' AND p_words[r] = ';' THEN
    RETURN CASE WHEN 'return' = ANY (p_timed) THEN 'the result' END;
  END IF;
  -- 'now' <= x
  i := r;
  WHILE p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!') LOOP
    i := i + 1;
  END LOOP;
  IF i > r THEN
    WHILE p_words[i + 1] = '.' LOOP
      i := i + 2;
    END LOOP;
    IF p_words[i] = ANY (p_timed) AND p_kinds[i] IN ('word', 'quoted') THEN
      RETURN p_words[i];
    END IF;
  END IF;
  -- x >= 'today', x := 'now', x BETWEEN 'yesterday' AND 'today', x NOT IN ('now'), x date NOT NULL DEFAULT 'now'
  i := l;
  WHILE p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!', ':') LOOP
    i := i - 1;
  END LOOP;
  IF i = l THEN
    i := i - CASE WHEN p_words[i] = 'and' AND p_kinds[i - 1] = 'string' AND p_words[i - 2] = 'between' THEN 2 ELSE 0 END;
    WHILE p_words[i] = ',' AND p_kinds[i - 1] = 'string' LOOP
      i := i - 2;
    END LOOP;
    i := i - CASE WHEN p_words[i] = '(' AND p_words[i - 1] = 'in' THEN 2 WHEN p_words[i] IN ('between', 'default') THEN 1 ELSE 0 END;
    IF i = l THEN
      RETURN NULL;
    END IF;
    i := i - (p_words[i] = 'not')::int;
  END IF;
  IF p_words[i] = ANY (p_timed) AND p_kinds[i] IN ('word', 'quoted') THEN
    RETURN p_words[i];
  END IF;
  i := i - CASE WHEN p_words[i] = 'null' AND p_words[i - 1] = 'not' THEN 2 ELSE 0 END;
  i := i - CASE WHEN p_words[i] = 'zone' AND p_words[i - 1] = 'time' THEN 3 ELSE 0 END;
  i := i - CASE WHEN p_words[i] = ')' AND p_kinds[i - 1] = 'number' THEN 3 ELSE 0 END;
  l := i - 1 - (p_words[i - 1] = 'constant')::int;
  RETURN CASE WHEN p_words[i] = ANY (names) AND p_words[l] NOT IN ('begin', 'then', 'else', 'loop') AND p_words[l - 1] IN ('declare', ';') THEN p_words[i] END;
END
$$;

-- The same for a body that the catalog keeps as text. Types are not known there but of the names given, so functions whose name has an innocent overload are
-- left alone.
DROP FUNCTION IF EXISTS audit.text_calls(text);
DROP FUNCTION IF EXISTS audit.text_calls(text, text[]);
CREATE OR REPLACE FUNCTION audit.text_calls(p_body text, p_zoned text[], p_timed text[]) RETURNS TABLE (what text, call text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  body text := p_body;
  kinds text[];
  words text[];
  n int;
  j int;
  count int;
  type text;
  word text;
  places int[];
  qualified boolean;
  named text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.oid = ANY ((audit.session_types()).named));
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
      IF word ~* '\m(now|today|tomorrow|yesterday)\M' THEN
        type := audit.string_as(kinds, words, i, p_timed);
        IF type IS NOT NULL THEN
          what := 'time'; call := format('%L as %s', word, type);
          RETURN NEXT;
        END IF;
      END IF;
      CONTINUE;
    END IF;
    CONTINUE WHEN kinds[i] NOT IN ('word', 'quoted');
    IF words[i - 1] = '::' AND word = 'money' OR words[i - 1] = '::' AND word = ANY (named) AND kinds[i - 2] = 'string' AND audit.read_as(words[i - 2], 'regclass'::regtype) IS NOT NULL
       OR words[i - 1] = '::' AND word = ANY (named) AND words[i + 1] = '::' AND words[i + 2] IN ('text', 'varchar', 'name') THEN
      what := 'session'; call := '::' || word;
      RETURN NEXT;
    END IF;
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
    places := audit.argument_places(kinds, words, i + 1);
    count := coalesce(array_length(places, 1), 0);
    -- what a call leaves to the defaults of a function of users
    RETURN QUERY
      SELECT d.what, d.call
        FROM pg_proc p JOIN pg_namespace m ON m.oid = p.pronamespace,
             LATERAL audit.default_calls(p.oid, ARRAY(SELECT CASE WHEN words[a + 1] = '=' AND words[a + 2] = '>' THEN array_position(p.proargnames, words[a]) ELSE o::int END - 1
                                                        FROM unnest(places) WITH ORDINALITY u (a, o))) d
       WHERE p.proname = words[i] AND m.nspname NOT IN ('pg_catalog', 'information_schema') AND (NOT qualified OR m.nspname = words[i - 2])
         AND count >= p.pronargs - p.pronargdefaults AND count < p.pronargs AND (d.what <> 'volatile' OR d.function_oid IS NULL OR d.function_oid < 16384);
    CONTINUE WHEN qualified AND words[i - 2] <> 'pg_catalog';
    IF word IN ('now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'timeofday', 'pg_postmaster_start_time', 'pg_conf_load_time', 'txid_current',
                'txid_current_if_assigned', 'txid_current_snapshot', 'pg_current_xact_id', 'pg_current_xact_id_if_assigned', 'pg_current_snapshot',
                'pg_last_xact_replay_timestamp', 'mxid_age') THEN
      what := 'time'; call := word || '()';
      RETURN NEXT;
    ELSIF word = 'age' AND count = 1 THEN   -- age(x, y) does not read the clock
      what := 'time'; call := 'age(x)';
      RETURN NEXT;
    ELSIF word IN ('to_tsvector', 'to_tsquery', 'plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery') AND count = 1
       OR word = ANY (audit.lookup_functions()) AND kinds[i + 2] = 'string' AND words[i + 3] = ')' AND audit.read_as(words[i + 2], 'regclass'::regtype) IS NOT NULL
       OR word IN ('to_char', 'to_date', 'to_number') AND count = 2 AND kinds[places[2]] = 'string'
          AND (audit.localized(words[places[2]], true) OR words[places[2]] ~ '[09]' AND audit.localized(words[places[2]], false)) THEN
      what := 'session'; call := word || '()';
      RETURN NEXT;
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
