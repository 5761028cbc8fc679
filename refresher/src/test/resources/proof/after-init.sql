CREATE FUNCTION proof.on_certificate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO proof.certified
  SELECT NEW.history_id, (SELECT g.state FROM proof.gated g WHERE g.xact = pg_current_xact_id() AND g.entrypoint = NEW.entrypoint ORDER BY g.gated_id DESC LIMIT 1)
   WHERE upper(NEW.status) = 'CERTIFIED' AND NEW.operation IN ('INSERT', 'UPDATE');
  RETURN NULL;
END
$$;
CREATE TRIGGER proof_certificate AFTER INSERT ON audit.certificate_history FOR EACH ROW EXECUTE FUNCTION proof.on_certificate();
