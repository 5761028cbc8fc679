-- The survival store, 14: who may read what. ml_training gets the guarded view, and nothing else, with 80_guarded_view.sql.

REVOKE ALL ON SCHEMA "iPhone", ref, ml FROM PUBLIC;
GRANT USAGE ON SCHEMA ml TO ml_training, ml_label_reader;

-- A training job that joins labels is granted this role as well.
GRANT SELECT ON ml.tom_labels_v1_mv TO ml_label_reader;
