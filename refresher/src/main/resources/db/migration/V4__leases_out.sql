-- When a lease that was granted has surely run out: the history tells which transaction superseded the certificate that granted it.

ALTER TABLE audit.certificate_history ADD COLUMN xact xid8;
ALTER TABLE audit.certificate_history ALTER COLUMN xact SET DEFAULT pg_catalog.pg_current_xact_id();
COMMENT ON COLUMN audit.certificate_history.xact IS 'Transaction that made the change; null for what was there before this column';
