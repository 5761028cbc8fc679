package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** {@code guard.snapshot}: partitions of one read see one state, and a certificate of it. */
@Tag("postgres14")
class SnapshotTest {
  private static final String RAW = "SELECT id FROM ml.raw ORDER BY id";

  private CertifiedStore store;
  private Connection exporter;
  private Connection connection;

  @BeforeEach
  void export() throws SQLException {
    store = new CertifiedStore();
    exporter = store.postgres.connect(store.database);
    run(exporter, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    connection = open(exported());
    store.admin("INSERT INTO ml.raw VALUES (4); DELETE FROM ml.raw WHERE id = 1");
    publishAtomically();
  }

  private String exported() throws SQLException {
    try (Statement statement = exporter.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_export_snapshot()")) {
      row.next();
      return row.getString(1);
    }
  }

  private Connection open(String snapshot) throws SQLException {
    return store.connect("&guard.validation=always&guard.snapshot=" + snapshot);
  }

  /** The next certificate of the same chain. */
  private void publishAtomically() throws SQLException {
    store.admin(
        "UPDATE audit.t0_cert_registry SET certificate_id = certificate_id + 1, certified_at = now()");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    exporter.close();
    store.close();
  }

  @Test
  void underAutocommitEachReadIsOfTheSnapshot() throws SQLException {
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    store.admin("DELETE FROM ml.raw");
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
    assertThat(connection.getClientInfo("guard.certificates")).isEqualTo("ml.store_v=1..2");
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(ids(store.admin, openTransactions())).containsExactly(0);
  }

  private String openTransactions() {
    return "SELECT count(*)::int FROM pg_stat_activity WHERE datname = '"
        + store.database
        + "' AND state LIKE 'idle in transaction%' AND pid <> "
        + ((PGConnection) exporter).getBackendPID();
  }

  @Test
  void everyTransactionIsOfTheSnapshot() throws SQLException {
    connection.setAutoCommit(false);
    for (int i = 0; i < 2; i++) {
      assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
      assertThat(ids(connection, READ)).hasSize(3);
      connection.commit();
    }
    run(connection, "SAVEPOINT a");
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    run(connection, "ROLLBACK TO SAVEPOINT a");
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    run(connection, "COMMIT AND CHAIN");
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    connection.rollback();
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
  }

  @Test
  void aTransactionBegunAsTextIsOfTheSnapshot() throws SQLException {
    run(connection, "BEGIN");
    assertThat(ids(connection, RAW)).containsExactly(1, 2, 3);
    run(connection, "COMMIT");
    assertThatThrownBy(() -> run(connection, "BEGIN; SELECT id FROM ml.raw"))
        .hasMessageContaining("guard.snapshot")
        .hasMessageContaining("[RG203]");
  }

  @Test
  void rowsOfAnAutocommitReadOutliveItsTransaction() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      ResultSet rows = statement.executeQuery(RAW);
      for (int id = 1; id <= 3; id++) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(id);
      }
    }
  }

  @Test
  void theSnapshotsRowMustGoOnInThePresentOne() throws SQLException {
    assertThat(ids(connection, READ)).hasSize(3);
    store.status("FAILED");
    store.status("CERTIFIED");
    try (Connection other = open(exported())) {
      assertThatThrownBy(() -> ids(other, READ)).hasMessageContaining("[RG002]");
      assertThat(ids(other, RAW)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void anErrorLeavesAutocommitAsItWas() throws SQLException {
    assertThatThrownBy(() -> run(connection, "SELECT 1 / (id - id) FROM ml.raw"))
        .hasMessageContaining("division by zero");
    assertThat(connection.getAutoCommit()).isTrue();
    run(connection, "INSERT INTO ml.labels SELECT id, 1 FROM ml.store_v");
    assertThat(ids(store.admin, "SELECT count(*)::int FROM ml.labels")).containsExactly(3);
  }

  @Test
  void copyNeedsATransactionOfTheApplications() throws Exception {
    CopyManager copies = ((PGConnection) connection).getCopyAPI();
    String copy = "COPY ml.raw TO STDOUT";
    assertThatThrownBy(() -> copies.copyOut(copy, new StringWriter()))
        .hasMessageContaining("setAutoCommit(false)");
    connection.setAutoCommit(false);
    StringWriter rows = new StringWriter();
    copies.copyOut(copy, rows);
    assertThat(rows).hasToString("1\n2\n3\n");
  }

  @Test
  void aSnapshotThatIsGoneIsRefused() throws SQLException {
    run(exporter, "ROLLBACK");
    assertThatThrownBy(() -> ids(connection, RAW))
        .hasMessageContaining("could not be taken over")
        .hasMessageContaining("[RG203]");
    assertThat(connection.getAutoCommit()).isTrue();
    assertThatThrownBy(() -> open("1-2'; DROP TABLE x")).hasMessageContaining("[RG901]");
  }
}
