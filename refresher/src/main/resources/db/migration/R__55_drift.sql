-- Where a drift of the dataset comes from, as far as that can be proven, and which drift is tolerated for a while.

-- Rows and hash of whole days of a raw relation, as audit.dataset_digest has them of the store.
CREATE OR REPLACE FUNCTION audit.raw_digest(p_store text, p_relation text, p_time text, p_days date[]) RETURNS TABLE (day date, rows bigint, day_hash text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, MDY' SET "IntervalStyle" = 'postgres'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET xmloption = 'content' SET lc_monetary = 'C' SET jit = off
AS $$
DECLARE
  relation oid := to_regclass(p_relation);
  zone text := (SELECT y.time_zone FROM audit.entrypoint_policy y WHERE y.store = p_store);
  moment text := audit.time_expression(audit.column_type(relation, p_time), p_time, zone, true);
BEGIN
  IF moment IS NULL THEN
    RAISE EXCEPTION 'raw: % has no column % of a date or a timestamp', p_relation, p_time USING ERRCODE = '22023';
  END IF;
  IF coalesce(array_length(p_days, 1), 0) = 0 THEN
    RETURN;
  END IF;
  -- a day without a row has a digest, too: rows that appear there later are a change
  RETURN QUERY EXECUTE format(
    'SELECT w.d, count(q.h), encode(sha256(convert_to(concat_ws('':'', count(q.h), sum((''x'' || left(q.h, 16))::bit(64)::int8), sum((''x'' || substr(q.h, 17, 16))::bit(64)::int8)), ''UTF8'')), ''hex'')
       FROM unnest(%1$L::date[]) w (d) LEFT JOIN (SELECT %2$s AS d, encode(sha256(convert_to(textin(record_out(ROW(%3$s))), ''UTF8'')), ''hex'') AS h FROM %4$s WHERE %2$s = ANY (%1$L::date[])) q ON q.d = w.d
      GROUP BY w.d',
    p_days, moment, (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped),
    audit.relation_name(relation));
END
$$;

-- One phrase on a day that drifted. Provable is only whether the raw rows of that very day, in the relations that the policy names, are those of the baseline.
CREATE OR REPLACE FUNCTION audit.drift_source(p_store text, p_baseline_id bigint, p_day date) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed text;
  compared int;
BEGIN
  SELECT count(*), string_agg(format('%s (%s, %s)', b.relation, audit.counted(g.rows, 'row'), CASE WHEN g.rows = b.rows THEN 'as many as before' ELSE format('%s before', b.rows) END), ', ' ORDER BY b.relation)
                     FILTER (WHERE g.day_hash IS DISTINCT FROM b.day_hash) INTO compared, changed
    FROM jsonb_array_elements(coalesce(audit.settings_of(p_store, 'dataset-hash') -> 'raw', '[]')) e
         JOIN audit.input_baseline b ON b.baseline_id = p_baseline_id AND b.day = p_day AND b.relation = e ->> 'relation',
         LATERAL audit.raw_digest(p_store, e ->> 'relation', e ->> 'time', ARRAY[p_day]) g;
  RETURN CASE WHEN compared = 0 THEN ''
              WHEN changed IS NULL THEN '; the raw rows of that day are those of the baseline: later rows, or other inputs, changed an older one'
              ELSE format('; raw rows of that day changed, too: %s', changed) END;
END
$$;

CREATE OR REPLACE FUNCTION audit.active_tolerance(p_store text) RETURNS audit.baseline_tolerance
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT t FROM audit.baseline_tolerance t WHERE t.store = p_store AND t.ended_at IS NULL AND t.expires_at > clock_timestamp() ORDER BY t.last_days DESC, t.tolerance_id DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION audit.end_tolerance(p_store text, p_name text) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  n int;
BEGIN
  UPDATE audit.baseline_tolerance t SET ended_at = clock_timestamp(), ended_by = session_user
   WHERE t.store = p_store AND t.name = p_name AND t.ended_at IS NULL AND t.expires_at > clock_timestamp();
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END
$$;

CREATE OR REPLACE FUNCTION audit.tolerate(p_store text, p_name text, p_last_days int, p_for interval, p_reviewer text, p_reason text) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  until timestamptz;
BEGIN
  PERFORM audit.entrypoint_of_store(p_store);
  IF coalesce(btrim(p_name), '') = '' OR coalesce(btrim(p_reviewer), '') = '' OR coalesce(btrim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'a tolerance has a name, a reviewer and a reason' USING ERRCODE = '22023';
  ELSIF p_last_days IS NULL OR p_last_days < 1 OR p_for IS NULL OR p_for <= interval '0' THEN
    RAISE EXCEPTION 'a tolerance is for the last days, at least 1, and for a while' USING ERRCODE = '22023';
  END IF;
  PERFORM audit.end_tolerance(p_store, p_name);
  INSERT INTO audit.baseline_tolerance (store, name, last_days, expires_at, reviewer, reason)
  VALUES (p_store, p_name, p_last_days, clock_timestamp() + p_for, p_reviewer, p_reason) RETURNING expires_at INTO until;
  RETURN until;
END
$$;

REVOKE ALL ON FUNCTION audit.tolerate(text, text, int, interval, text, text), audit.end_tolerance(text, text) FROM PUBLIC;
