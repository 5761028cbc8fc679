-- Break-glass: the cron host is dead, the data are fine. A certificate that only aged out stands once more.

CREATE OR REPLACE FUNCTION audit.extend_certificate(p_run_id bigint, p_store text, p_for interval, p_reviewer text, p_reason text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  name text := audit.entrypoint_of_store(p_store);
  moment timestamptz := clock_timestamp();
  y audit.entrypoint_policy;
  g audit.t0_cert_registry;
  allowed interval;
  aged boolean;
  stale boolean;
  why text;
BEGIN
  SELECT * INTO y FROM audit.entrypoint_policy r WHERE r.store = p_store;
  SELECT * INTO g FROM audit.t0_cert_registry r WHERE r.entrypoint = name FOR UPDATE;
  IF coalesce(btrim(p_reviewer), '') = '' OR coalesce(btrim(p_reason), '') = '' THEN
    RAISE EXCEPTION 'an extension has a reviewer and a reason' USING ERRCODE = '22023';
  END IF;
  allowed := y.max_age;
  IF p_for IS NULL OR p_for <= interval '0' OR p_for > allowed THEN
    RAISE EXCEPTION 'an extension is at most one maximum age of store %: %', p_store, allowed USING ERRCODE = '22023';
  END IF;
  aged := g.certified_at + coalesce(g.max_age, y.max_age) <= moment;
  stale := g.refreshed_at + coalesce(g.max_data_age, y.max_data_age) <= moment;
  why := CASE
    WHEN g.entrypoint IS NULL THEN 'it has no certificate'
    WHEN upper(g.status) <> 'CERTIFIED' THEN format('it is %s%s, and nothing extends that', g.status, coalesce(' (gate ' || g.failed_gate || ')', ''))
    WHEN g.certified_at IS NULL OR g.certified_at > moment + interval '5 seconds' THEN 'its moment of certification makes no sense'
    WHEN g.definition_digest IS NULL OR g.run_id IS NULL THEN 'it was not certified by a run of the refresher: nobody knows which gates passed'
    WHEN g.extended_by IS NOT NULL THEN format('it was extended already, by %s', g.extended_by)
    WHEN NOT aged AND NOT coalesce(stale, false) THEN 'it has not aged out'
    WHEN y.max_data_age IS NOT NULL AND g.refreshed_at IS NULL THEN 'nobody knows how old its data are'
    WHEN g.definition_digest <> audit.definition_digest(p_store) THEN 'definitions are not those that were certified'
    WHEN g.live_digest IS DISTINCT FROM audit.live_digest(p_store) THEN 'what it reads live, or the storage of its views, is not what was certified'
    WHEN g.policy_digest IS DISTINCT FROM y.config_digest THEN 'its configuration is not the one that it was certified by'
    WHEN EXISTS (SELECT 1 FROM audit.run r JOIN audit.finding f ON f.run_id = r.run_id
                  WHERE f.store = p_store AND r.run_id > g.run_id AND r.outcome = 'failed' AND f.severity = 'block') THEN 'a gate has failed since: it did not only age out' END;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'the certificate of % can''t be extended: %', name, why USING ERRCODE = 'RG101', HINT = format('Run: refresher run %s', p_store);
  END IF;
  PERFORM audit.enter_publishing(p_run_id, name);
  UPDATE audit.t0_cert_registry r
     SET extended_by = p_reviewer, extended_until = moment + p_for, valid_until = moment + p_for, lease = interval '0',
         max_age = greatest(coalesce(r.max_age, y.max_age), moment + p_for - r.certified_at),
         max_data_age = CASE WHEN coalesce(r.max_data_age, y.max_data_age) IS NOT NULL THEN greatest(coalesce(r.max_data_age, y.max_data_age), moment + p_for - r.refreshed_at) END,
         notes = format('extended by %s until %s: %s', p_reviewer, to_char((moment + p_for) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p_reason)
   WHERE r.entrypoint = name;
  PERFORM audit.leave_publishing(p_run_id);
  RETURN moment + p_for;
END
$$;

REVOKE ALL ON FUNCTION audit.extend_certificate(bigint, text, interval, text, text) FROM PUBLIC;
