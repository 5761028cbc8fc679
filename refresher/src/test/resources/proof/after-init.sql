CREATE FUNCTION proof.on_certificate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO proof.certified
  SELECT NEW.history_id, (SELECT g.state FROM proof.gated g WHERE g.xact = pg_current_xact_id() AND g.entrypoint = NEW.entrypoint ORDER BY g.gated_id DESC LIMIT 1)
   WHERE upper(NEW.status) = 'CERTIFIED' AND NEW.operation IN ('INSERT', 'UPDATE');
  RETURN NULL;
END
$$;
CREATE TRIGGER proof_certificate AFTER INSERT ON audit.certificate_history FOR EACH ROW EXECUTE FUNCTION proof.on_certificate();

-- A role is the whole server's: another database may have made it.
DO $$
BEGIN
  CREATE ROLE proof_reader LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
GRANT USAGE ON SCHEMA proof TO proof_reader;
GRANT SELECT ON proof.one_v, proof.two_v, proof.three_v, proof.four_v, proof.old_v, proof.sink, proof.generation, proof.open_live TO proof_reader;
GRANT INSERT ON proof.sink TO proof_reader;
