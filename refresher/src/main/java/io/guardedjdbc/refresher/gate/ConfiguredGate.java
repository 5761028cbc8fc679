package io.guardedjdbc.refresher.gate;

import io.guardedjdbc.refresher.db.Session;
import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.exit.Failure;
import io.guardedjdbc.refresher.text.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A gate as the database has it configured for a store.
 *
 * @param severity block or warn
 */
public record ConfiguredGate(Gate gate, String severity) {
  /** The gates of a store in the order to run, definition gates first. */
  public static List<ConfiguredGate> of(Session session, String store) throws SQLException {
    return session.list(
        "SELECT gate, severity FROM audit.gates(?)",
        row -> new ConfiguredGate(known(row.getString(1), store), row.getString(2)),
        store);
  }

  /** Runs the SQL function and gives back what it found; no finding is a pass. */
  public List<Finding> check(Session session, String store) throws SQLException {
    return session.list("SELECT * FROM audit.run_gate(?, ?)", this::finding, store, gate.id());
  }

  private Finding finding(ResultSet row) throws SQLException {
    return new Finding(
        gate.id(),
        Optional.ofNullable(row.getString("severity")).orElse(severity),
        Optional.ofNullable(row.getString("object")),
        Session.texts(row.getArray("path")),
        Optional.ofNullable(row.getString("expected")),
        Optional.ofNullable(row.getString("found")),
        Json.read(row.getString("examples")),
        Optional.ofNullable(row.getString("message")).orElse(gate.explanation().meaning()),
        Optional.ofNullable(row.getString("next_command")));
  }

  private static Gate known(String id, String store) {
    return Gates.of(id)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.USAGE,
                    "Store "
                        + store
                        + " has a gate that this version does not know: "
                        + id
                        + ". Use the refresher that configured it, or run: refresher init STORE.yaml"));
  }
}
