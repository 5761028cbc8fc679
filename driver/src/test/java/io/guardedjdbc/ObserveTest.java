package io.guardedjdbc;

import static io.guardedjdbc.CertifiedStore.READ;
import static io.guardedjdbc.CertifiedStore.ids;
import static io.guardedjdbc.CertifiedStore.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

/** {@code guard.mode=observe}: everything runs, and a warning says what would be refused. */
class ObserveTest extends StoreTest {
  private static final String FAILED =
      "Would be refused: ml.store_v is not certified: status FAILED."
          + " Run: refresher explain ml.store_v [RG101]";

  ObserveTest() throws SQLException {
    super("&guard.mode=observe", "");
  }

  private static List<String> warnings(Statement statement) throws SQLException {
    List<String> messages = new ArrayList<>();
    for (SQLWarning next = statement.getWarnings(); next != null; next = next.getNextWarning()) {
      messages.add(next.getMessage());
    }
    return messages;
  }

  private static void read(ResultSet rows, int count) throws SQLException {
    for (int i = 0; i < count; i++) {
      assertThat(rows.next()).isTrue();
    }
  }

  @Test
  void aCertifiedReadHasItsLineageAndNoWarning() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(READ)) {
      assertThat(rows.next()).isTrue();
      assertThat(warnings(statement)).isEmpty();
      assertThat(rows.unwrap(Lineage.class).text()).isEqualTo("ml.store_v=1");
    }
  }

  @Test
  void aRefusalBeforeSendingBecomesAWarning() throws SQLException {
    store.status("FAILED");
    try (PreparedStatement statement = connection.prepareStatement(READ);
        ResultSet rows = statement.executeQuery()) {
      assertThat(rows.next()).isTrue();
      assertThat(warnings(statement)).containsExactly(FAILED);
      assertThat(statement.getWarnings().getSQLState()).isEqualTo("RG101");
      assertThat(rows.unwrap(Lineage.class).certificates()).isEmpty();
      assertThat(connection.getClientInfo("guard.certificates")).isEqualTo(FAILED);
      statement.clearWarnings();
      assertThat(warnings(statement)).isEmpty();
    }
  }

  @Test
  void aRefusalAtReleaseBecomesAWarningAndTheCopyStays() throws SQLException {
    store.admin(
        """
        CREATE FUNCTION ml.revoke_now() RETURNS int LANGUAGE sql VOLATILE AS
          $$UPDATE audit.t0_cert_registry SET status = 'FAILED' RETURNING 1$$
        """);
    try (Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "INSERT INTO ml.labels SELECT id, ml.revoke_now() FROM ml.store_v"))
          .isEqualTo(3);
      assertThat(warnings(statement)).containsExactly(FAILED);
      statement.executeQuery("SELECT label FROM ml.labels").close();
      assertThat(warnings(statement)).isEmpty();
    }
    assertThat(ids(store.admin, "SELECT count(*)::int FROM ml.labels")).containsExactly(3);
  }

  @Test
  void theServersOwnNoticesComeBehindTheWarning() throws SQLException {
    store.status("FAILED");
    try (Statement statement = connection.createStatement()) {
      statement.execute("DO $$BEGIN PERFORM * FROM ml.store_v; RAISE WARNING 'own'; END$$");
      assertThat(warnings(statement)).containsExactly(FAILED, "own");
      assertThat(warnings(statement)).containsExactly(FAILED, "own");
    }
  }

  @Test
  void aRouteThatCannotBeGuardedIsTaken() throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT id FROM ml.store_mv").close();
      assertThat(warnings(statement)).singleElement().asString().contains("[RG201]");
      statement.execute("BEGIN; SELECT * FROM ml.store_v; COMMIT");
      assertThat(warnings(statement)).singleElement().asString().contains("[RG203]");
    }
    store.status("FAILED");
    StringWriter rows = new StringWriter();
    ((PGConnection) connection).getCopyAPI().copyOut("COPY ml.store_mv TO STDOUT", rows);
    assertThat(rows.toString()).hasLineCount(3);
    assertThat(connection.isWrapperFor(BaseConnection.class)).isTrue();
    assertThat(connection.unwrap(BaseConnection.class)).isNotNull();
  }

  @Test
  void furtherRowsThatWouldBeRefusedAreWarnedOfOnce() throws SQLException {
    String fresh = "CREATE OR REPLACE FUNCTION ml.fresh() RETURNS int LANGUAGE plpgsql STABLE AS ";
    store.admin(fresh + "$$BEGIN RETURN 1; END$$");
    connection.setAutoCommit(false);
    long observed = GuardCounters.ofThisJvm().getObserved();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      ResultSet rows = statement.executeQuery("SELECT ml.fresh() FROM generate_series(1, 9)");
      read(rows, 2);
      assertThat(warnings(statement)).isEmpty();
      run(connection, fresh + "$$BEGIN RETURN (SELECT count(*) FROM ml.store_v); END$$");
      read(rows, 1);
      assertThat(warnings(statement)).singleElement().asString().contains("[RG203]");
      assertThat(rows.unwrap(Lineage.class).text()).startsWith("Would be refused: further rows");
      read(rows, 2);
      assertThat(warnings(statement)).hasSize(1);
      assertThat(GuardCounters.ofThisJvm().getObserved() - observed).isEqualTo(1);
    }
  }

  @Test
  void furtherRowsOfWhatWouldHaveComeWholeAreNotWarnedOf() throws SQLException {
    store.admin(
        "CREATE FUNCTION ml.counted() RETURNS bigint LANGUAGE sql VOLATILE AS "
            + "'SELECT count(*) FROM ml.store_v'");
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      ResultSet rows = statement.executeQuery("SELECT ml.counted() FROM generate_series(1, 9)");
      read(rows, 3);
      assertThat(warnings(statement)).isEmpty();
      assertThat(rows.unwrap(Lineage.class).text()).isEqualTo("ml.store_v=1");
    }
  }

  @Test
  void aMissingRegistryIsWarnedOf() throws SQLException {
    store.admin("DROP TABLE audit.t0_cert_registry");
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT id FROM ml.raw").close();
      assertThat(warnings(statement)).singleElement().asString().contains("[RG003]");
    }
  }

  @Test
  void theStatementsOwnErrorIsPgjdbcs() throws SQLException {
    store.status("FAILED");
    assertThatThrownBy(() -> run(connection, "SELECT 1 / (id - id) FROM ml.store_v"))
        .isInstanceOf(org.postgresql.util.PSQLException.class)
        .hasMessageContaining("division by zero");
  }
}
