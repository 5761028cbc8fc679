-- What a body that the catalog keeps as text calls: part of the gate time-of-query.

-- The names in a text that mean values, and all types that each may have: arguments that the caller gives, variables, columns of the relations that the text
-- names, and those relations' rows by their name or alias. What the text renames (AS name) may mean something else.
CREATE OR REPLACE FUNCTION audit.names_in(p_kinds text[], p_words text[], p_names text[], p_types oid[], p_relations oid[]) RETURNS TABLE (name text, types oid[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  after_relation constant text[] := '{where,join,left,right,inner,cross,full,natural,on,using,group,order,limit,offset,fetch,for,union,intersect,except,having,window,set,values,select,tablesample,loop,returning,when,then,default,overriding}';
  names text[] := p_names;
  types oid[] := p_types;
  relations constant text[] := ARRAY(SELECT c.relname::text FROM pg_class c WHERE c.oid = ANY (p_relations));
  renamed text[] := '{}';
  aliased int[] := '{}';
  declaring boolean := false;
  j int;
  row_type oid;
BEGIN
  FOR i IN 1 .. coalesce(array_length(p_words, 1), 0) LOOP
    IF p_kinds[i] = 'word' AND p_words[i] IN ('declare', 'begin') THEN
      declaring := p_words[i] = 'declare';
    END IF;
    CONTINUE WHEN p_kinds[i] NOT IN ('word', 'quoted');
    IF declaring AND p_words[i - 1] IN (';', 'declare') THEN
      j := i + 1 + (p_words[i + 1] = 'constant')::int;
      SELECT names || array_agg(p_words[i]), types || array_agg(t) INTO names, types FROM unnest(audit.types_at(p_kinds, p_words, j)) t HAVING count(*) > 0;
    ELSIF p_words[i - 1] = 'as' AND NOT i = ANY (aliased) THEN
      renamed := renamed || p_words[i];
    END IF;
    -- FROM shop.sale [AS] s
    IF p_words[i - 1] IN ('from', 'join', ',', 'only', 'into', 'update', 'using') THEN
      j := i + CASE WHEN p_words[i + 1] = '.' THEN 2 ELSE 0 END;
      CONTINUE WHEN p_words[j] <> ALL (relations);
      FOR row_type IN SELECT c.reltype FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE c.oid = ANY (p_relations) AND c.relname = p_words[j] AND (j = i OR n.nspname = p_words[i]) LOOP
        j := j + CASE WHEN p_words[j + 1] = 'as' THEN 1 ELSE 0 END;
        aliased := aliased || (j + 1);
        names := names || p_words[CASE WHEN p_kinds[j + 1] = 'quoted' OR p_kinds[j + 1] = 'word' AND p_words[j + 1] <> ALL (after_relation) THEN j + 1 ELSE j END];
        types := types || row_type;
      END LOOP;
    END IF;
  END LOOP;
  RETURN QUERY
    SELECT u.name, array_agg(DISTINCT u.type)
      FROM (SELECT x.name, x.type FROM unnest(names, types) x (name, type)
            UNION ALL SELECT a.attname::text, a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY (p_relations) AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (p_names)) u
     WHERE u.name <> ALL (renamed) GROUP BY 1;
END
$$;

-- What a value is used for, where that gives another one in another session: p_first and p_last are the places of its name among the words of a text. p_as: what
-- depends on the session of it, zoned (its day), spelled (its text), json (the same in JSON). p_texts: names that mean a text.
CREATE OR REPLACE FUNCTION audit.session_use(p_kinds text[], p_words text[], p_first int, p_last int, p_as text[], p_texts text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name constant text := array_to_string(p_words[p_first:p_last], '');
  texts constant text[] := '{text,varchar,char,character,bpchar,name}';
  zoned constant boolean := 'zoned' = ANY (p_as);
  spelled constant boolean := 'spelled' = ANY (p_as);
  n int := array_length(p_words, 1);
  l int := p_first - 1;   -- what stands before it and after it
  r int := p_last + 1;
  type text;
  i int;
  open int;
BEGIN
  LOOP
    IF p_words[l] = '(' AND p_words[r] = ')' AND (p_kinds[l - 1] = 'symbol' AND p_words[l - 1] NOT IN (')', ']') OR p_kinds[l - 1] = 'word' AND p_words[l - 1] = ANY (audit.not_called()) AND p_words[l - 1] <> 'in') THEN
      l := l - 1;
      r := r + 1;
    ELSIF p_words[l] IN ('(', ',') AND p_words[r] IN (')', ',') AND p_words[audit.enclosing(p_kinds, p_words, r) - 1] IN ('max', 'min', 'sum', 'avg', 'array_agg', 'coalesce', 'greatest', 'least', 'nullif') THEN
      r := audit.enclosing(p_kinds, p_words, r);   -- what comes out is what went in
      l := r - 2;
      r := audit.closing(p_kinds, p_words, r) + 1;
    ELSE
      EXIT;
    END IF;
  END LOOP;
  -- x::date, CAST(x AS date)
  IF p_words[r] = '::' OR (p_words[r] = 'as' AND p_words[l] = '(' AND p_words[l - 1] = 'cast') THEN
    type := p_words[r + 1];
    RETURN CASE WHEN spelled AND type = ANY (texts)
                  OR zoned AND (type = 'date' OR (type IN ('time', 'timestamp') AND p_words[r + 2] IS DISTINCT FROM 'with' AND NOT coalesce(p_words[r + 2] = '(' AND p_words[r + 5] = 'with', false)))
                THEN format('%s::%s', name, type) END;
  END IF;
  -- x || 'a', RETURN x, t := x
  IF 'joined' = ANY (p_as) AND (p_words[r] = '|' AND p_words[r + 1] = '|' AND p_kinds[r + 2] = 'string' OR p_words[l] = '|' AND p_words[l - 1] = '|' AND p_kinds[l - 2] = 'string' AND p_words[r] <> '(')
     OR spelled AND p_words[r] = ';' AND (p_words[l] = 'return' AND p_kinds[l] = 'word' AND 'return' = ANY (p_texts) OR p_words[l] = '=' AND p_words[l - CASE WHEN p_words[l - 1] = ':' THEN 2 ELSE 1 END] = ANY (p_texts)) THEN
    RETURN format('%s as text', name);
  END IF;
  IF zoned THEN
    -- x + interval '1 day'
    IF p_words[r] IN ('+', '-') AND p_words[r + 1] = 'interval' AND p_kinds[r + 2] = 'string' THEN
      RETURN CASE WHEN p_words[r + 2] ~* 'day|week|mon|year|decade|cent|mill' THEN format('%s %s interval', name, p_words[r]) END;
    END IF;
    -- x >= date '2026-01-01'
    i := r;
    WHILE i < n AND p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!') LOOP
      i := i + 1;
    END LOOP;
    IF i > r AND i < n AND p_words[i] = 'date' AND p_kinds[i] = 'word' AND p_kinds[i + 1] = 'string' THEN
      RETURN format('%s compared with a date', name);
    END IF;
    -- extract(hour FROM x)
    IF p_words[l] = 'from' AND p_words[r] = ')' AND p_words[l - 2] = '(' AND p_words[l - 3] = 'extract' THEN
      RETURN CASE WHEN lower(p_words[l - 1]) <> 'epoch' THEN format('extract from %s', name) END;
    END IF;
  END IF;
  -- f(…, x, …)
  IF NOT coalesce(p_words[l] IN ('(', ',') AND p_words[r] IN (')', ',', 'order'), false) THEN
    RETURN NULL;
  END IF;
  open := audit.enclosing(p_kinds, p_words, r);
  IF open < 2 OR p_kinds[open - 1] <> 'word' THEN
    RETURN NULL;
  END IF;
  RETURN CASE WHEN zoned AND (p_words[open - 1] IN ('to_char', 'date') OR (p_words[open - 1] = 'date_trunc' AND cardinality(audit.argument_places(p_kinds, p_words, open)) = 2)
                              OR (p_words[open - 1] = 'date_part' AND lower(p_words[open + 1]) <> 'epoch'))
                OR spelled AND p_words[open - 1] IN ('concat', 'concat_ws', 'format', 'array_to_string', 'quote_literal', 'quote_nullable')
                OR 'json' = ANY (p_as) AND p_words[open - 1] IN ('to_json', 'to_jsonb', 'row_to_json', 'array_to_json', 'json_build_object', 'jsonb_build_object', 'json_build_array',
                                                                 'jsonb_build_array', 'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg')
              THEN format('%s of %s', p_words[open - 1], name) END;
END
$$;

-- Judges what the catalog keeps as text. Types are not known there but of the names that the caller gives (arguments) and of those that names_in finds, so
-- functions whose name has an innocent overload are left alone. p_result: what the text returns, 0 for nothing.
DROP FUNCTION IF EXISTS audit.text_calls(text), audit.text_calls(text, text[]), audit.text_calls(text, text[], text[]), audit.zoned_names(oid), audit.typed_names(oid, oid[]),
  audit.zoned_use(text[], text[], int, int);
CREATE OR REPLACE FUNCTION audit.text_calls(p_body text, p_names text[], p_types oid[], p_relations oid[], p_result oid, p_pinned text[] DEFAULT '{}') RETURNS TABLE (what text, call text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  sets record := audit.session_types(p_pinned);
  kinds text[];
  words text[];
  n int;
  j int;
  count int;
  type text;
  word text;
  places int[];
  qualified boolean;
  place int;
  meant text[];    -- names of values that depend on the session, and what of them does
  meant_as text[];
  timed text[];
  texts text[];
  named constant text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.oid = ANY ((audit.session_types(p_pinned)).named));
BEGIN
  SELECT w.kinds, w.words INTO kinds, words FROM audit.words_of(p_body) w;
  n := cardinality(words);
  WITH named AS MATERIALIZED (SELECT * FROM audit.names_in(kinds, words, p_names, p_types, p_relations)),
       typed AS MATERIALIZED (SELECT u.oid, y.typtype IN ('b', 'd') AND y.typcategory <> 'A' AND y.oid <> 17 AS scalar, audit.parts_of(u.oid) AS parts, audit.read_as('now', u.oid) = 'time' AS timed
                                FROM (SELECT unnest(d.types) FROM named d UNION SELECT p_result) u (oid) JOIN pg_type y ON y.oid = u.oid),
       judged AS (SELECT d.name, bool_and(t.timed IS TRUE) AS timed, bool_and(t.oid = ANY ('{25,1042,1043}')) AS text,
                         concat_ws(' ', CASE WHEN bool_and(t.scalar AND t.parts && sets.zoned) THEN 'zoned' END, CASE WHEN bool_and(t.parts && sets.spelled) THEN 'spelled' END,
                                   CASE WHEN bool_and(t.scalar AND t.parts && sets.spelled) THEN 'joined' END, CASE WHEN bool_and(t.parts && sets.spelled_json) THEN 'json' END) AS uses
                    FROM (SELECT * FROM named UNION ALL SELECT 'return', ARRAY[p_result]) d JOIN typed t ON t.oid = ANY (d.types) GROUP BY 1)
  SELECT coalesce(array_agg(u.name) FILTER (WHERE u.uses <> '' AND u.name <> 'return'), '{}'), coalesce(array_agg(u.uses) FILTER (WHERE u.uses <> '' AND u.name <> 'return'), '{}'),
         coalesce(array_agg(u.name) FILTER (WHERE u.timed), '{}'), coalesce(array_agg(u.name) FILTER (WHERE u.text), '{}')
    INTO meant, meant_as, timed, texts FROM judged u;
  FOR i IN 1 .. n LOOP
    place := CASE WHEN kinds[i] IN ('word', 'quoted') THEN array_position(meant, words[i]) WHEN kinds[i] = 'number' AND words[i - 1] = '$' THEN array_position(meant, '$' || words[i]) END;
    IF place IS NOT NULL THEN
      j := i;
      WHILE j > 2 AND kinds[j - 1] = 'symbol' AND words[j - 1] = '.' LOOP
        j := j - 2;
      END LOOP;
      call := audit.session_use(kinds, words, CASE WHEN kinds[i] = 'number' THEN i - 1 ELSE j END, i, string_to_array(meant_as[place], ' '), texts);
      IF call IS NOT NULL THEN
        what := 'session';
        RETURN NEXT;
      END IF;
    END IF;
    word := words[i];
    IF kinds[i] = 'string' THEN
      IF word ~* '\m(now|today|tomorrow|yesterday)\M' THEN
        type := audit.string_as(kinds, words, i, timed);
        IF type IS NOT NULL THEN
          what := 'time'; call := format('%L as %s', word, type);
          RETURN NEXT;
        END IF;
      END IF;
      CONTINUE;
    END IF;
    CONTINUE WHEN kinds[i] NOT IN ('word', 'quoted');
    -- apart from the rest: an expression that calls a function of ours costs more than all others of this loop
    IF words[i - 1] = '::' AND (word = 'money' OR word = ANY (named)) THEN
      IF (CASE WHEN word = 'money' THEN 790 = ANY (sets.read)
              ELSE kinds[i - 2] = 'string' AND audit.read_as(words[i - 2], 'regclass'::regtype, p_pinned) IS NOT NULL OR words[i + 1] = '::' AND words[i + 2] IN ('text', 'varchar', 'name') END) THEN
        what := 'session'; call := '::' || word;
        RETURN NEXT;
      END IF;
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
    ELSIF word IN ('to_tsvector', 'to_tsquery', 'plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery') AND count = 1 AND 'default_text_search_config' <> ALL (p_pinned)
       OR word = ANY (audit.lookup_functions()) AND kinds[i + 2] = 'string' AND words[i + 3] = ')' AND audit.read_as(words[i + 2], 'regclass'::regtype, p_pinned) IS NOT NULL
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
