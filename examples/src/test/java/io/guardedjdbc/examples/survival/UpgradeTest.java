package io.guardedjdbc.examples.survival;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.RefresherApp;
import io.guardedjdbc.refresher.report.Paint;
import io.guardedjdbc.testing.Postgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store whose definitions were approved on one server, on a server of the newest major: with the
 * tests of PostgreSQL 14 this is the upgrade from there.
 */
@Tag("postgres14")
class UpgradeTest {
  private static final SurvivalSize SMALL = new SurvivalSize(60, 60, LocalDate.of(2026, 3, 1));

  @Test
  void isNoDriftAndHidesNone(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("survival.yaml");
    Files.writeString(file, SurvivalStore.configuration());
    Postgres older = Postgres.shared();
    Postgres newer = Postgres.shared(18);
    String baseline = approved(older, file);
    String database = newer.createDatabase("upgraded");
    try (Connection connection = newer.connect(database)) {
      SurvivalStore.create(connection, SMALL);
      refresher(newer, database, "init", file.toString());
      run(
          connection,
          "WITH b AS (INSERT INTO audit.baseline (store, entrypoint, kind, status, algorithm, server_major, reviewer, approved_xid)"
              + " VALUES ('survival', '"
              + SurvivalStore.ENTRYPOINT
              + "', 'definition', 'approved', audit.definition_algorithm(), "
              + older.major()
              + ", 'test', pg_current_xact_id()) RETURNING baseline_id)"
              + " INSERT INTO audit.definition_baseline SELECT b.baseline_id, d.object, d.kind, d.definition, d.fingerprint"
              + " FROM b, json_populate_recordset(NULL::audit.definition_baseline, '"
              + baseline.replace("'", "''")
              + "') d");
      assertThat(drift(connection)).isEmpty();
      Incident.REDEFINE.happen(connection);
      assertThat(drift(connection)).contains("ml.");
    }
  }

  /** The definitions that were approved there. */
  private static String approved(Postgres server, Path file) throws SQLException {
    String database = server.createDatabase("before_upgrade");
    try (Connection connection = server.connect(database)) {
      SurvivalStore.create(connection, SMALL);
      refresher(server, database, "init", file.toString());
      refresher(server, database, "baseline", "propose", "survival");
      return text(connection, "SELECT json_agg(d) FROM audit.definition_baseline d");
    }
  }

  private static String drift(Connection connection) throws SQLException {
    return text(
        connection,
        "SELECT coalesce(string_agg(message || coalesce(examples::text, ''), '; '), '') FROM audit.gate_definition_drift('survival')");
  }

  private static void refresher(Postgres server, String database, String... args) {
    StringWriter out = new StringWriter();
    RefresherApp app =
        new RefresherApp(
            Map.of("GUARDED_URL", server.url(database)), InstantSource.system(), Paint.PLAIN);
    assertThat(app.execute(new PrintWriter(out), new PrintWriter(out), args))
        .as(out.toString())
        .isZero();
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
