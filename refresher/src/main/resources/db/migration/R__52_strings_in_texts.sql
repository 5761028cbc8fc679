-- What a string in a body or a step that is text is read as: part of the gate time-of-query.

-- Whether what ends (p_step = -1) or begins (1) at a place of a text is a date or time: a name that means one, a cast to one, a call that yields one, a zone given.
CREATE OR REPLACE FUNCTION audit.timed_operand(p_kinds text[], p_words text[], p_place int, p_step int, p_timed text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  i int := p_place;
  last int := p_place;
BEGIN
  IF p_step = 1 THEN
    -- its last word, and a cast behind it
    WHILE p_words[i + 1] = '.' LOOP
      i := i + 2;
    END LOOP;
    last := CASE WHEN p_words[i] = '(' AND p_kinds[i] = 'symbol' THEN audit.closing(p_kinds, p_words, i)
                 WHEN p_words[i + 1] = '(' AND p_kinds[i] = 'word' THEN audit.closing(p_kinds, p_words, i + 1) ELSE i END;
    IF p_words[last + 1] = '::' THEN
      i := last + 2 + CASE WHEN p_words[last + 3] = '.' THEN 2 ELSE 0 END;
      last := i;
    END IF;
    RETURN audit.timed_operand(p_kinds, p_words, last, -1, p_timed);
  END IF;
  IF p_kinds[i] = 'symbol' AND p_words[i] = ')' THEN
    i := audit.enclosing(p_kinds, p_words, i);
    IF p_kinds[i - 1] = 'word' AND p_words[i - 1] = ANY ('{max,min,coalesce,greatest,least,nullif}') THEN
      RETURN EXISTS (SELECT 1 FROM unnest(audit.argument_places(p_kinds, p_words, i)) a WHERE audit.timed_operand(p_kinds, p_words, a, 1, p_timed));
    ELSIF p_kinds[i - 1] IN ('word', 'quoted') AND p_words[i - 1] <> ALL (audit.not_called()) THEN
      RETURN coalesce((SELECT bool_and(audit.read_as('now', p.prorettype) = 'time') FROM pg_proc p JOIN pg_namespace m ON m.oid = p.pronamespace
                        WHERE p.proname = p_words[i - 1] AND (p_words[i - 2] IS DISTINCT FROM '.' OR m.nspname = p_words[i - 3])
                          AND p.pronargs >= cardinality(audit.argument_places(p_kinds, p_words, i))), false);
    ELSIF p_kinds[i - 1] = 'number' OR p_words[i - 1] IN ('timestamp', 'time', 'timestamptz') THEN
      i := i - 1;   -- timestamp(3)
    ELSE
      RETURN audit.timed_operand(p_kinds, p_words, i + 1, 1, p_timed) AND audit.enclosing(p_kinds, p_words, p_place) = i
        AND NOT EXISTS (SELECT 1 FROM generate_series(i + 1, p_place - 1) w WHERE p_kinds[w] = 'symbol' AND p_words[w] NOT IN ('.', '::') OR p_kinds[w] = 'string');
    END IF;
  END IF;
  i := i - CASE WHEN p_words[i] = 'zone' AND p_words[i - 1] = 'time' AND p_words[i - 2] IN ('with', 'without') THEN 3 ELSE 0 END;
  last := i - CASE WHEN p_words[i - 1] = '.' THEN 2 ELSE 0 END;
  IF p_words[last - 1] = '::' THEN
    RETURN coalesce((SELECT bool_and(audit.read_as('now', t) = 'time') FROM unnest(audit.types_at(p_kinds, p_words, last)) t), false);
  ELSIF p_kinds[i] = 'string' THEN
    RETURN p_words[i - 1] = 'zone' AND p_words[i - 2] = 'time' AND p_words[i - 3] = 'at';
  END IF;
  RETURN coalesce(p_words[i] = ANY (p_timed) AND p_kinds[i] IN ('word', 'quoted'), false);
END
$$;

-- The types that a function of a text would read its argument as: p_open is the place of the parenthesis, p_n the number of the argument, p_named its name.
CREATE OR REPLACE FUNCTION audit.argument_types(p_kinds text[], p_words text[], p_open int, p_n int, p_named text) RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ARRAY(SELECT coalesce(CASE WHEN p_named IS NOT NULL THEN p.proargtypes[array_position(p.proargnames, p_named) - 1]
                                    WHEN p.provariadic <> 0 AND p_n >= p.pronargs THEN p.provariadic
                                    ELSE p.proargtypes[p_n - 1] END, 0)
                 FROM pg_proc p JOIN pg_namespace m ON m.oid = p.pronamespace
                WHERE p.proname = p_words[p_open - 1] AND (p_words[p_open - 2] IS DISTINCT FROM '.' OR m.nspname = p_words[p_open - 3])
                  AND (p_named IS NULL OR p_named = ANY (p.proargnames))
                  AND c.count >= p.pronargs - p.pronargdefaults - (p.provariadic <> 0)::int AND (c.count <= p.pronargs OR p.provariadic <> 0))
    FROM (SELECT cardinality(audit.argument_places(p_kinds, p_words, p_open)) AS count) c
$$;

-- The type of the column that INSERT or UPDATE writes the value at this place to, null where it is no such value.
CREATE OR REPLACE FUNCTION audit.written_type(p_kinds text[], p_words text[], p_place int) RETURNS oid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  i int := p_place - 1;
  n int := 1;
  depth int := 0;
  target int;
  column_name text;
  names text[];
  relation oid;
BEGIN
  IF p_words[i] = '=' AND p_kinds[i - 1] IN ('word', 'quoted') AND p_words[i - 2] IN ('set', ',') THEN
    column_name := p_words[i - 1];
    SELECT max(w) + 1 INTO target FROM generate_series(1, i) w
     WHERE p_words[w] = 'into' AND p_words[w - 1] IN ('insert', 'merge') OR p_words[w] = 'update' AND p_words[w + 1] NOT IN ('set', 'of', 'skip', 'nowait') AND p_words[w - 1] NOT IN ('for', 'key');
  ELSE
    -- the beginning of the tuple or of the list of SELECT, and the number of the value in it
    LOOP
      IF i < 1 OR depth = 0 AND (p_words[i] = ';' OR p_kinds[i] = 'word' AND p_words[i] IN ('from', 'where')) THEN
        RETURN NULL;
      ELSIF p_kinds[i] = 'symbol' AND p_words[i] IN (')', ']') THEN
        depth := depth + 1;
      ELSIF p_kinds[i] = 'symbol' AND p_words[i] IN ('(', '[') THEN
        EXIT WHEN depth = 0;
        depth := depth - 1;
      ELSIF depth = 0 AND p_kinds[i] = 'symbol' AND p_words[i] = ',' THEN
        n := n + 1;
      END IF;
      EXIT WHEN depth = 0 AND p_kinds[i] = 'word' AND p_words[i] = 'select';
      i := i - 1;
    END LOOP;
    IF p_words[i] = '(' THEN
      WHILE p_words[i - 1] = ',' AND p_words[i - 2] = ')' LOOP
        i := audit.enclosing(p_kinds, p_words, i - 2);
      END LOOP;
      i := i - 1;
      IF i < 1 OR p_words[i] <> 'values' THEN
        RETURN NULL;
      END IF;
    END IF;
    i := i - 1;
    i := i - CASE WHEN p_words[i] = 'value' AND p_words[i - 2] = 'overriding' THEN 3 ELSE 0 END;
    i := i - CASE WHEN p_words[i] = '(' AND p_kinds[i] = 'symbol' THEN 1 ELSE 0 END;
    IF p_words[i] = ')' THEN
      depth := audit.enclosing(p_kinds, p_words, i);
      names := ARRAY(SELECT p_words[w] FROM generate_series(depth + 1, i - 1) w WHERE p_kinds[w] IN ('word', 'quoted') ORDER BY w);
      i := depth - 1;
    END IF;
    SELECT max(w) + 1 INTO target FROM generate_series(greatest(1, i - 6), i) w WHERE p_words[w] = 'into' AND p_words[w - 1] = 'insert';
    IF target IS NULL AND p_words[i] = 'insert' THEN
      SELECT max(w) + 1 INTO target FROM generate_series(1, i) w WHERE p_words[w] = 'into' AND p_words[w - 1] = 'merge';
    END IF;
    column_name := names[n];
  END IF;
  target := target + (p_words[target] = 'only')::int;
  SELECT c.oid INTO relation FROM pg_class c JOIN pg_namespace m ON m.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'f') AND CASE WHEN p_words[target + 1] = '.' THEN m.nspname = p_words[target] AND c.relname = p_words[target + 2] ELSE c.relname = p_words[target] END
   ORDER BY c.oid LIMIT 1;
  RETURN (SELECT a.atttypid FROM (SELECT b.attname, b.atttypid, row_number() OVER (ORDER BY b.attnum) AS o FROM pg_attribute b WHERE b.attrelid = relation AND b.attnum > 0 AND NOT b.attisdropped) a
           WHERE CASE WHEN column_name IS NULL THEN names IS NULL AND a.o = n ELSE a.attname = column_name END);
END
$$;

-- The columns that the INSERTs of a text name for a table; null where there is none, or one that names no column: then nobody knows which are left to defaults.
CREATE OR REPLACE FUNCTION audit.inserted_columns(p_sql text, p_table oid) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kinds text[];
  words text[];
  i int;
  result text[];
BEGIN
  SELECT w.kinds, w.words INTO kinds, words FROM audit.words_of(p_sql) w;
  FOR place IN 2 .. cardinality(words) LOOP
    CONTINUE WHEN words[place] IS DISTINCT FROM 'into' OR words[place - 1] <> 'insert' OR words[place + 2] <> '.';
    CONTINUE WHEN NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = p_table AND n.nspname = words[place + 1] AND c.relname = words[place + 3]);
    i := place + CASE WHEN words[place + 4] = 'as' THEN 6 ELSE 4 END;
    IF words[i] IS DISTINCT FROM '(' OR kinds[i + 1] = 'word' AND words[i + 1] IN ('select', 'with', 'values', 'table') THEN
      RETURN NULL;
    END IF;
    result := coalesce(result, '{}') || ARRAY(SELECT words[w] FROM generate_series(i + 1, audit.closing(kinds, words, i) - 1) w WHERE kinds[w] IN ('word', 'quoted'));
  END LOOP;
  RETURN result;
END
$$;

-- The date or time that the string at this place is read as, null where it stays a text or nothing says otherwise. p_timed: names that mean a date or time.
CREATE OR REPLACE FUNCTION audit.string_as(p_kinds text[], p_words text[], p_place int, p_timed text[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  word constant text := p_words[p_place];
  names constant text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.typname = ANY (p_words) AND audit.read_as(word, y.oid) = 'time');
  builtin constant text[] := ARRAY(SELECT y.typname::text FROM pg_type y WHERE y.oid = ANY ((audit.session_types()).timed));
  l int := p_place - 1;   -- what stands before it and after it
  r int := p_place + 1;
  i int;
  open int;
  named text;
  n int;
BEGIN
  -- date 'today', timestamp (3) with time zone 'now'
  i := l - CASE WHEN p_words[l] = 'zone' AND p_words[l - 1] = 'time' AND p_words[l - 2] IN ('with', 'without') THEN 3 ELSE 0 END;
  i := i - CASE WHEN p_words[i] = ')' AND p_kinds[i - 1] = 'number' AND p_words[i - 2] = '(' THEN 3 ELSE 0 END;
  IF p_kinds[i] IN ('word', 'quoted') AND p_words[i] = ANY (names) THEN
    RETURN p_words[i];
  END IF;
  -- ('now'::text)::date, CAST('now' AS date), date('now'), ARRAY['now']::date[]
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
      EXIT WHEN p_kinds[l - 1] = 'quoted' OR p_kinds[l - 1] = 'word' AND p_words[l - 1] <> ALL (audit.not_called()) OR p_words[l - 1] = ',' AND p_words[l - 2] = ')';
      l := l - CASE WHEN p_words[l - 1] = 'cast' THEN 2 ELSE 1 END;
      r := r + 1;
    ELSIF p_kinds[l] = 'symbol' AND p_words[l] IN ('[', ',') AND p_kinds[r] = 'symbol' AND p_words[r] IN (']', ',') AND p_words[audit.enclosing(p_kinds, p_words, r) - 1] = 'array' THEN
      l := audit.enclosing(p_kinds, p_words, r) - 2;
      r := audit.closing(p_kinds, p_words, l + 2) + 1;
    ELSE
      EXIT;
    END IF;
  END LOOP;
  -- RETURN 'now' of a function whose result is one
  IF p_kinds[l] = 'word' AND p_words[l] = 'return' AND p_words[r] = ';' THEN
    RETURN CASE WHEN 'return' = ANY (p_timed) THEN 'the result' END;
  END IF;
  -- f('now'), f(d => 'now'), coalesce(x, 'now')
  open := audit.enclosing(p_kinds, p_words, l + 1);
  IF p_words[open] = '(' AND p_words[r] IN (')', ',') AND (p_kinds[open - 1] = 'quoted' OR p_kinds[open - 1] = 'word' AND p_words[open - 1] <> ALL (audit.not_called() || 'values'::text)) THEN
    named := CASE WHEN p_words[l - 1] || p_words[l] IN ('=>', ':=') THEN p_words[l - 2] END;
    n := array_position(audit.argument_places(p_kinds, p_words, open), CASE WHEN named IS NULL THEN l + 1 ELSE l - 2 END);
    IF n IS NOT NULL THEN
      RETURN CASE WHEN CASE WHEN p_words[open - 1] IN ('coalesce', 'greatest', 'least', 'nullif')
                            THEN EXISTS (SELECT 1 FROM unnest(audit.argument_places(p_kinds, p_words, open)) a WHERE audit.timed_operand(p_kinds, p_words, a, 1, p_timed))
                            ELSE (SELECT bool_and(audit.read_as(word, t) IS NOT DISTINCT FROM 'time') FROM unnest(audit.argument_types(p_kinds, p_words, open, n, named)) t) END
                  THEN format('an argument of %s', p_words[open - 1]) END;
    END IF;
  END IF;
  -- CASE … THEN 'now' ELSE x END
  IF p_kinds[l] = 'word' AND p_words[l] IN ('then', 'else') AND p_kinds[r] = 'word' AND p_words[r] IN ('when', 'else', 'end') THEN
    n := 0;
    i := l;
    WHILE i > 1 AND NOT (n = 0 AND p_kinds[i] = 'word' AND p_words[i] = 'case') LOOP
      i := i - 1;
      n := n + CASE WHEN p_kinds[i] <> 'word' THEN 0 WHEN p_words[i] = 'end' THEN 1 WHEN p_words[i] = 'case' AND n > 0 THEN -1 ELSE 0 END;
    END LOOP;
    LOOP
      i := i + 1;
      n := n + CASE WHEN p_kinds[i] <> 'word' THEN 0 WHEN p_words[i] = 'case' THEN 1 WHEN p_words[i] = 'end' THEN -1 ELSE 0 END;
      EXIT WHEN n < 0 OR i >= cardinality(p_words);
      IF n = 0 AND p_kinds[i] = 'word' AND p_words[i] IN ('then', 'else') AND p_kinds[i + 1] IN ('word', 'quoted') AND audit.timed_operand(p_kinds, p_words, i + 1, 1, p_timed) THEN
        RETURN 'a branch of CASE';
      END IF;
    END LOOP;
    RETURN NULL;
  END IF;
  -- INSERT INTO t VALUES ('now'), UPDATE t SET d = 'now'
  IF audit.read_as(word, audit.written_type(p_kinds, p_words, l + 1)) = 'time' THEN
    RETURN 'a value written';
  END IF;
  -- 'now' <= x
  i := r + CASE WHEN p_words[r] = 'is' AND p_words[r + 1] = 'distinct' THEN 3 WHEN p_words[r] = 'is' AND p_words[r + 2] = 'distinct' THEN 4 ELSE 0 END;
  WHILE p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!', '-') LOOP
    i := i + 1;
  END LOOP;
  IF i > r AND audit.timed_operand(p_kinds, p_words, i, 1, p_timed) THEN
    RETURN p_words[i];
  END IF;
  -- x >= 'today', x := 'now', x BETWEEN 'yesterday' AND 'today', x NOT IN ('now'), x = ANY ('{now}'), x date NOT NULL DEFAULT 'now'
  i := l - CASE WHEN p_kinds[l] = 'word' AND p_words[l] IN ('any', 'some', 'all') THEN 1
                WHEN p_words[l] = 'from' AND p_words[l - 1] = 'distinct' THEN CASE WHEN p_words[l - 2] = 'not' THEN 4 ELSE 3 END ELSE 0 END;
  WHILE p_kinds[i] = 'symbol' AND p_words[i] IN ('<', '>', '=', '!', ':', '-') LOOP
    i := i - 1;
  END LOOP;
  IF i = l THEN
    i := i - CASE WHEN p_words[i] = 'and' AND p_kinds[i - 1] = 'string' AND p_words[i - 2] = 'between' THEN 2 ELSE 0 END;
    WHILE p_words[i] = ',' AND p_kinds[i - 1] = 'string' LOOP
      i := i - 2;
    END LOOP;
    i := i - CASE WHEN p_words[i] = '(' AND p_words[i - 1] = 'in' THEN 2 WHEN p_words[i] IN ('between', 'default', 'in') THEN 1 ELSE 0 END;
    IF i = l THEN
      RETURN NULL;
    END IF;
    i := i - (p_words[i] = 'not')::int;
  END IF;
  IF audit.timed_operand(p_kinds, p_words, i, -1, p_timed) THEN
    RETURN CASE WHEN p_kinds[i] IN ('word', 'quoted') THEN p_words[i] ELSE 'a date or time' END;
  END IF;
  WHILE i > 1 AND p_words[i - 1] NOT IN (';', 'declare') LOOP
    i := i - 1;
  END LOOP;
  RETURN CASE WHEN p_words[i] = ANY (p_timed) AND i < l - 1 THEN p_words[i] END;
END
$$;
