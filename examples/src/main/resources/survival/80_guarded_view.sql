-- The survival store, 15, after `refresher init`: the view that training reads, guarded also where no guarding driver is
-- in the way (psql, a notebook, a BI tool).

DO $$
BEGIN
  IF to_regprocedure('audit.cert_guard(text, interval)') IS NULL THEN
    RAISE EXCEPTION 'audit.cert_guard(text, interval) does not exist'
      USING ERRCODE = 'undefined_function', HINT = 'Run: refresher init';
  END IF;
END
$$;

CREATE OR REPLACE VIEW ml.survival_feature_store_train_v AS
SELECT *
FROM ml.survival_feature_store_t0_v1_v
WHERE audit.cert_guard('ml.survival_feature_store_t0_v1_v', interval '24 hours');

GRANT SELECT ON ml.survival_feature_store_train_v TO ml_training;
