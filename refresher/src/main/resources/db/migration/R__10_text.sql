-- Reading text: names against patterns, SQL into tokens, stored node trees into nodes.

-- A name without the quotes that SQL needs around some.
CREATE OR REPLACE FUNCTION audit.bare_name(p_name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT replace(replace(replace(p_name, '""', chr(1)), '"', ''), chr(1), '"')
$$;

-- Whether a pattern means a name, spelled with quotes or without: whoever writes shop.user need not know that SQL spells it shop."user".
CREATE OR REPLACE FUNCTION audit.matches(p_name text, p_pattern text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  -- '*' stands for anything; every other character, '_' included, for itself
  SELECT p_name LIKE x.pattern OR (p_name LIKE '%"%' AND audit.bare_name(p_name) LIKE x.pattern)
    FROM (SELECT replace(replace(replace(replace(p_pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%') AS pattern) x
$$;

CREATE OR REPLACE FUNCTION audit.relation_name(p_relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = p_relation
$$;

-- Comments are dropped. kind: word (unquoted, lower case) | quoted (identifier without its quotes) | string (content) | number | symbol.
-- The content of dollar quotes is read as code: in a function body it is dynamic SQL more often than prose.
CREATE OR REPLACE FUNCTION audit.sql_tokens(p_source text) RETURNS TABLE (n bigint, kind text, token text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT row_number() OVER (ORDER BY o),
         CASE WHEN m[2] IS NOT NULL THEN 'string' WHEN m[3] IS NOT NULL THEN 'quoted' WHEN m[4] IS NOT NULL THEN 'word'
              WHEN m[5] IS NOT NULL THEN 'number' ELSE 'symbol' END,
         CASE WHEN m[2] IS NOT NULL THEN replace(regexp_replace(m[2], '^[^'']*''(.*)''$', '\1'), '''''', '''')
              WHEN m[3] IS NOT NULL THEN replace(substr(m[3], 2, length(m[3]) - 2), '""', '"')
              WHEN m[4] IS NOT NULL THEN lower(m[4])
              ELSE coalesce(m[5], m[6]) END
  FROM regexp_matches(p_source,
         '(--[^\n]*|/\*(?:[^*]|\*+[^*/])*\*+/)'
         || '|([eE]''(?:[^''\\]|''''|\\.)*''|''(?:[^'']|'''')*'')'
         || '|("(?:[^"]|"")+")'
         || '|([[:alpha:]_][[:alnum:]_$]*)'
         || '|([0-9]+(?:\.[0-9]+)?)'
         || '|(::|\$[[:alpha:]_]*\$|[^[:space:]])', 'g') WITH ORDINALITY AS t (m, o)
  WHERE m[1] IS NULL
$$;

-- The tokens of a text as two lists; strings are read as code where it runs dynamic SQL.
CREATE OR REPLACE FUNCTION audit.words_of(p_source text, OUT kinds text[], OUT words text[])
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  SELECT coalesce(array_agg(t.kind ORDER BY t.n), '{}'), coalesce(array_agg(t.token ORDER BY t.n), '{}') INTO kinds, words FROM audit.sql_tokens(p_source) t;
  IF EXISTS (SELECT 1 FROM unnest(kinds, words) u (k, w) WHERE u.k = 'word' AND u.w = 'execute') THEN
    SELECT array_agg(t.kind ORDER BY s.n, t.n), array_agg(t.token ORDER BY s.n, t.n) INTO kinds, words
      FROM audit.sql_tokens(p_source) s,
           LATERAL (SELECT 1::bigint AS n, s.kind, s.token WHERE s.kind <> 'string'
                    UNION ALL SELECT u.n, u.kind, u.token FROM audit.sql_tokens(s.token) u WHERE s.kind = 'string') t;
  END IF;
END
$$;

-- Words before a parenthesis that call nothing.
CREATE OR REPLACE FUNCTION audit.not_called() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '{select,distinct,all,and,or,not,return,when,then,else,in,where,on,having,by,case,between,if,elsif,while,default,cast,query,using,from,any,some,as,array,exists,into,limit,offset}'::text[]
$$;

-- The innermost parenthesis or bracket around a place among the words of a text, 0 where there is none.
CREATE OR REPLACE FUNCTION audit.enclosing(p_kinds text[], p_words text[], p_place int) RETURNS int
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  depth int := 0;
BEGIN
  FOR i IN REVERSE p_place - 1 .. 1 LOOP
    IF p_kinds[i] = 'symbol' AND p_words[i] IN (')', ']') THEN
      depth := depth + 1;
    ELSIF p_kinds[i] = 'symbol' AND p_words[i] IN ('(', '[') THEN
      IF depth = 0 THEN
        RETURN i;
      END IF;
      depth := depth - 1;
    END IF;
  END LOOP;
  RETURN 0;
END
$$;

-- The place of the parenthesis or bracket that closes the one at p_open, 0 where none does.
CREATE OR REPLACE FUNCTION audit.closing(p_kinds text[], p_words text[], p_open int) RETURNS int
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  depth int := 0;
BEGIN
  FOR i IN p_open .. cardinality(p_words) LOOP
    IF p_kinds[i] = 'symbol' THEN
      depth := depth + (p_words[i] IN ('(', '['))::int - (p_words[i] IN (')', ']'))::int;
      IF depth = 0 THEN
        RETURN i;
      END IF;
    END IF;
  END LOOP;
  RETURN 0;
END
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

-- The types that a text may mean at this place: those of that name in any schema where it names none, but a built-in one first; {} for none.
CREATE OR REPLACE FUNCTION audit.types_at(p_kinds text[], p_words text[], p_place int) RETURNS oid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  i int := p_place;
  chain text[] := p_words[i:i];
  type text := p_words[i];
  result oid[];
BEGIN
  IF coalesce(p_kinds[i] NOT IN ('word', 'quoted'), true) THEN
    RETURN '{}';
  END IF;
  WHILE p_words[i + 1] = '.' AND p_kinds[i + 2] IN ('word', 'quoted') LOOP
    i := i + 2;
    chain := chain || p_words[i];
  END LOOP;
  IF p_words[i + 1] = '%' AND p_words[i + 2] = 'type' THEN   -- of a column
    RETURN ARRAY(SELECT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE a.attname = chain[cardinality(chain)] AND c.relname = chain[cardinality(chain) - 1] AND (cardinality(chain) < 3 OR n.nspname = chain[1]) AND a.attnum > 0);
  END IF;
  IF cardinality(chain) = 1 AND p_kinds[i] = 'word' THEN
    type := CASE WHEN type IN ('timestamp', 'time') THEN
                   type || CASE WHEN p_words[i + 1] = 'with' OR p_words[i + 1] = '(' AND p_words[i + 4] = 'with' THEN 'tz' ELSE '' END
                 WHEN type = 'real' THEN 'float4' WHEN type = 'double' OR type = 'float' THEN 'float8' WHEN type = 'character' OR type = 'char' THEN 'bpchar' ELSE type END;
  END IF;
  result := ARRAY(SELECT y.oid FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace
                   WHERE y.typname = CASE WHEN cardinality(chain) = 1 THEN type ELSE chain[cardinality(chain)] END
                     AND CASE WHEN cardinality(chain) = 1 THEN n.nspname <> 'information_schema' ELSE n.nspname = chain[cardinality(chain) - 1] END);
  IF cardinality(chain) = 1 AND EXISTS (SELECT 1 FROM pg_type y WHERE y.oid = ANY (result) AND y.typnamespace = 'pg_catalog'::regnamespace) THEN
    result := ARRAY(SELECT y.oid FROM pg_type y WHERE y.oid = ANY (result) AND y.typnamespace = 'pg_catalog'::regnamespace);
  END IF;
  RETURN CASE WHEN p_words[i + 1] = '[' THEN ARRAY(SELECT y.typarray FROM pg_type y WHERE y.oid = ANY (result)) ELSE result END;
END
$$;

-- A stored expression tree (pg_node_tree as text), one row a node: own text without that of its children, which stand in it as @id.
CREATE OR REPLACE FUNCTION audit.tree_nodes(p_tree text) RETURNS TABLE (id int, node text, own text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  piece text;
  texts text[] := '{}';
  stack int[] := '{}';
  depth int := 0;
  made int := 0;
BEGIN
  -- braces inside of names are written as \{ and \}
  FOR piece IN SELECT regexp_split_to_table(replace(replace(p_tree, '\{', '<'), '\}', '>'), '(?=[{}])') LOOP
    IF left(piece, 1) = '{' THEN
      made := made + 1;
      IF depth > 0 THEN
        texts[stack[depth]] := texts[stack[depth]] || '@' || made;
      END IF;
      depth := depth + 1;
      stack[depth] := made;
      texts[made] := substr(piece, 2);
    ELSIF left(piece, 1) = '}' THEN
      depth := depth - 1;
      IF depth > 0 THEN
        texts[stack[depth]] := texts[stack[depth]] || substr(piece, 2);
      END IF;
    END IF;
  END LOOP;
  RETURN QUERY SELECT o::int, split_part(t, ' ', 1), t FROM unnest(texts) WITH ORDINALITY AS u (t, o);
END
$$;

-- The type that an expression node yields, 0 where the node does not say.
CREATE OR REPLACE FUNCTION audit.node_type(p_own text) RETURNS oid
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((regexp_match(p_own,
    ':(?:vartype|consttype|paramtype|funcresulttype|opresulttype|aggtype|wintype|casetype|coalescetype|minmaxtype|resulttype|array_typeid|row_typeid|refrestype|typeId|type) ([0-9]+)'))[1], '0')::oid
$$;

-- The bytes of a constant of variable length in a stored tree, behind those that hold the length; null for all else, and for very long ones.
CREATE OR REPLACE FUNCTION audit.node_bytes(p_own text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  bytes text[] := string_to_array((regexp_match(p_own, '^CONST .*:constlen -1 .*\[ ([-0-9 ]+) \]'))[1], ' ');
  result bytea := '';
BEGIN
  IF bytes IS NULL OR array_length(bytes, 1) > 2004 THEN
    RETURN NULL;
  END IF;
  FOR i IN 5 .. array_length(bytes, 1) LOOP
    result := result || set_byte('\x00'::bytea, 0, (bytes[i]::int + 256) % 256);
  END LOOP;
  RETURN result;
END
$$;

-- The text of a constant of a text type in a stored tree, else null.
CREATE OR REPLACE FUNCTION audit.node_text(p_own text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN p_own ~ '^CONST :consttype (25|1042|1043|705) ' THEN convert_from(audit.node_bytes(p_own), getdatabaseencoding()) END;
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN NULL;
END
$$;

-- The value of a jsonb that lies in these bytes from p_from on (jsonb.h: a container is a word of flags and count, a word an entry, then the entries), with 0
-- for every number. Null where they are no such thing.
CREATE OR REPLACE FUNCTION audit.jsonb_in_bytes(p_bytes bytea, p_from int DEFAULT 0) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  words bigint[];
  pairs boolean;
  n int;
  data int;
  first int := 0;   -- of an entry, behind the words
  last int;
  items jsonb[] := '{}';
  k int;
BEGIN
  n := get_byte(p_bytes, p_from) + 256 * get_byte(p_bytes, p_from + 1) + 65536 * get_byte(p_bytes, p_from + 2) + 16777216 * (get_byte(p_bytes, p_from + 3) % 16);
  k := get_byte(p_bytes, p_from + 3) / 16;   -- 1 scalar, 2 object, 4 array
  pairs := k = 2;
  IF k NOT IN (2, 4, 5) OR n > 10000 THEN
    RETURN NULL;
  END IF;
  n := CASE WHEN pairs THEN 2 * n ELSE n END;
  words := ARRAY(SELECT get_byte(p_bytes, w) + 256 * get_byte(p_bytes, w + 1) + 65536 * get_byte(p_bytes, w + 2) + 16777216::bigint * get_byte(p_bytes, w + 3)
                   FROM generate_series(p_from + 4, p_from + 4 * n, 4) w);
  data := p_from + 4 + 4 * n;
  FOR i IN 1 .. n LOOP
    last := words[i] % 268435456 + CASE WHEN words[i] >= 2147483648 THEN 0 ELSE first END;
    k := (words[i] / 268435456) % 8;   -- 0 string, 1 number, 2 false, 3 true, 4 null, 5 container, aligned to words
    items := items || CASE k WHEN 0 THEN to_jsonb(convert_from(substr(p_bytes, data + first + 1, last - first), getdatabaseencoding()))
                             WHEN 1 THEN '0' WHEN 2 THEN 'false' WHEN 3 THEN 'true' WHEN 4 THEN 'null' ELSE audit.jsonb_in_bytes(p_bytes, (data + first + 3) / 4 * 4) END;
    first := last;
  END LOOP;
  RETURN CASE WHEN pairs THEN (SELECT coalesce(jsonb_object_agg(items[i] #>> '{}', items[i + n / 2]), '{}') FROM generate_series(1, n / 2) i)
              WHEN get_byte(p_bytes, p_from + 3) / 16 = 5 THEN items[1] ELSE to_jsonb(items) END;
EXCEPTION WHEN array_subscript_error OR character_not_in_repertoire OR untranslatable_character OR null_value_not_allowed OR numeric_value_out_of_range THEN
  RETURN NULL;
END
$$;

-- The value of a constant of json or jsonb in a stored tree, else null.
CREATE OR REPLACE FUNCTION audit.node_json(p_own text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE substring(p_own FROM '^CONST :consttype ([0-9]+) ') WHEN '3802' THEN audit.jsonb_in_bytes(audit.node_bytes(p_own))
                                                                  WHEN '114' THEN convert_from(audit.node_bytes(p_own), getdatabaseencoding())::jsonb END;
EXCEPTION WHEN invalid_text_representation OR character_not_in_repertoire OR untranslatable_character OR untranslatable_character THEN
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION audit.counted(p_count bigint, p_noun text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p_count || ' ' || p_noun || CASE WHEN p_count = 1 THEN '' ELSE 's' END
$$;

-- An object without its empty members; what lies deeper keeps its nulls.
CREATE OR REPLACE FUNCTION audit.without_nulls(p_object jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_object_agg(k, v) FILTER (WHERE v <> 'null'), '{}') FROM jsonb_each(p_object) e (k, v)
$$;
