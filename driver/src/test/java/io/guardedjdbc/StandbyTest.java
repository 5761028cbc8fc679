package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.testing.HotStandby;
import io.guardedjdbc.testing.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads on a hot standby: no lease proves anything there, and a promotion makes another server. */
@Tag("postgres14")
class StandbyTest {
  private static final int MAJOR = Postgres.requestedMajor();

  @Test
  void looksAfterEachResultUntilItIsPromoted(@TempDir Path folder) throws Exception {
    try (EmbeddedPostgres primary = Postgres.own(MAJOR);
        Connection writer = connect(primary)) {
      run(writer, "SET synchronous_commit = on"); // Else what is committed may not be written yet.
      run(writer, CertifiedStore.SETUP);
      try (EmbeddedPostgres standby = HotStandby.of(primary, MAJOR, folder.resolve("standby"));
          Connection observer = connect(standby);
          Connection reader = guarded(standby)) {
        assertThat(ids(reader, READ)).hasSize(3);
        assertThat(reader.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=1");

        status(writer, "FAILED");
        replayed(writer, observer);
        assertThatThrownBy(() -> ids(reader, READ)).hasMessageContaining("[RG101]");
        status(writer, "CERTIFIED");
        replayed(writer, observer);
        assertThat(ids(reader, READ)).hasSize(3);

        run(observer, "SELECT pg_promote()");
        // A look of the last second may be of the standby still: then the release is refused, once.
        try {
          assertThat(ids(reader, READ)).hasSize(3);
        } catch (SQLException e) {
          assertThat(e.getMessage()).contains("Connect again", "[RG003]");
        }
        assertThat(ids(reader, READ)).hasSize(3);
        assertThat(reader.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=3 (leased)");
      }
    }
  }

  private static Connection connect(EmbeddedPostgres server) throws SQLException {
    return Objects.requireNonNull(
        new org.postgresql.Driver().connect(url("jdbc:postgresql:", server), new Properties()));
  }

  private static Connection guarded(EmbeddedPostgres server) throws SQLException {
    return Objects.requireNonNull(
        new GuardedDriver().connect(url(GuardedUrl.PREFIX, server), new Properties()));
  }

  private static String url(String prefix, EmbeddedPostgres server) {
    return prefix + "//localhost:" + server.getPort() + "/postgres?user=postgres";
  }

  private static void status(Connection writer, String status) throws SQLException {
    run(
        writer,
        "UPDATE audit.t0_cert_registry SET certificate_id = certificate_id + 1,"
            + " chain_start = certificate_id + 1, status = '"
            + status
            + "'");
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Waits until the standby has replayed all that the primary has written. */
  private static void replayed(Connection writer, Connection observer) throws SQLException {
    String written = text(writer, "SELECT pg_current_wal_lsn()");
    while (text(observer, "SELECT pg_last_wal_replay_lsn() >= '" + written + "'").equals("f")) {
      run(observer, "SELECT pg_sleep(0.01)");
    }
  }
}
