package io.guardedjdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.guardedjdbc.error.GuardRefusal;
import io.guardedjdbc.error.GuardState;
import io.guardedjdbc.testing.Postgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The guard end to end, on a database as the runbook's own system leaves it. */
@Tag("postgres14")
class GuardedReadTest {
  private static final String READ = "SELECT id FROM ml.store_v ORDER BY id";

  private final Postgres postgres = Postgres.shared();
  private final String database;
  private final Connection admin;
  private final List<Connection> opened = new ArrayList<>();

  GuardedReadTest() throws SQLException {
    database = postgres.createDatabase("guarded");
    admin = postgres.connect(database);
  }

  @BeforeEach
  void store() throws SQLException {
    admin(
        """
        CREATE SCHEMA ml; CREATE SCHEMA audit;
        CREATE TABLE ml.raw (id int PRIMARY KEY);
        INSERT INTO ml.raw VALUES (1), (2), (3);
        CREATE MATERIALIZED VIEW ml.store_mv AS SELECT id FROM ml.raw;
        CREATE VIEW ml.store_v AS SELECT id FROM ml.store_mv;
        CREATE VIEW ml.store_train_v AS SELECT * FROM ml.store_v;
        CREATE TABLE ml.labels (id int, label int);
        CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text,
          certified_at timestamptz DEFAULT now(), viewdef_objects int, dataset_days int, notes text);
        INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'CERTIFIED', now(), 9, 5)
        """);
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : opened) {
      connection.close();
    }
    admin.close();
  }

  @Test
  void certifiedRowsComeOutWithTheCertificateThatCoversThem() throws SQLException {
    Connection connection = guarded("");
    assertThat(ids(connection, READ)).containsExactly(1, 2, 3);
    assertThat(connection.unwrap(Lineage.class).certificates())
        .singleElement()
        .asString()
        .startsWith("ml.store_v=");
    assertThat(connection.getClientInfo("guard.certificates")).startsWith("ml.store_v=");
  }

  @Test
  void everyStatusButCertifiedIsRefused() throws SQLException {
    Connection connection = guarded("");
    refused(connection, READ, "FAILED", GuardState.FAILED);
    refused(connection, READ, "REFRESHING", GuardState.CHANGING);
    refused(connection, READ, "anything", GuardState.UNCERTIFIED);
    admin("UPDATE audit.t0_cert_registry SET status = 'certified'");
    assertThat(ids(connection, READ)).hasSize(3);
  }

  private void refused(Connection connection, String sql, String status, GuardState state)
      throws SQLException {
    admin("UPDATE audit.t0_cert_registry SET status = '" + status + "'");
    assertThatThrownBy(() -> ids(connection, sql))
        .isInstanceOfSatisfying(
            GuardRefusal.class, refusal -> assertThat(refusal.state()).isEqualTo(state));
  }

  @Test
  void anAliasIsAsCertifiedAsItsEntrypoint() throws SQLException {
    Connection connection = guarded("");
    assertThat(ids(connection, "SELECT id FROM ml.store_train_v ORDER BY 1")).hasSize(3);
    refused(connection, "SELECT id FROM ml.store_train_v", "FAILED", GuardState.FAILED);
  }

  @Test
  void theClosureIsRefusedWithTheNameOfTheEntrypoint() throws SQLException {
    assertThatThrownBy(() -> ids(guarded(""), "SELECT id FROM ml.store_mv"))
        .hasMessage(
            "Read refused: ml.store_mv lies inside the closure of ml.store_v."
                + " Read ml.store_v [RG201]");
  }

  @Test
  void whatIsNotGuardedIsReadWhateverTheRegistrySays() throws SQLException {
    Connection connection = guarded("");
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThat(ids(connection, "SELECT label FROM ml.labels")).isEmpty();
    assertThat(ids(connection, "SELECT id FROM ml.raw")).hasSize(3);
    assertThat(ids(connection, "SELECT count(*)::int FROM pg_catalog.pg_class")).hasSize(1);
  }

  @Test
  void anAgedCertificateIsRefusedWithAgeAndLimit() throws SQLException {
    admin("UPDATE audit.t0_cert_registry SET certified_at = now() - interval '26 h 10 min'");
    assertThatThrownBy(() -> ids(guarded(""), READ))
        .isInstanceOf(SQLTransientException.class)
        .hasMessageMatching(
            "Read refused: ml\\.store_v was certified 26 h 10 min ago, limit 24 h \\(server time"
                + " [0-9TZ:-]+\\)\\. Run: refresher run ml\\.store_v \\[RG001\\]");
  }

  @Test
  void thePropertyTightensTheAge() throws SQLException {
    admin("UPDATE audit.t0_cert_registry SET certified_at = now() - interval '1 hour'");
    assertThat(ids(guarded(""), READ)).hasSize(3);
    assertThatThrownBy(() -> ids(guarded("&guard.maxAge=30min"), READ))
        .hasMessageContaining("limit 30 min");
  }

  @Test
  void preparedStatementsAreDecidedAtEveryExecution() throws SQLException {
    Connection connection = guarded("");
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.executeQuery().close();
      admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
      assertThatThrownBy(statement::executeQuery).hasMessageContaining("[RG101]");
    }
  }

  @Test
  void aRevocationWhileTheStatementRunsIsSeen() throws SQLException {
    admin(
        """
        CREATE FUNCTION ml.revoke_now() RETURNS int LANGUAGE sql VOLATILE AS
          $$UPDATE audit.t0_cert_registry SET status = 'FAILED' RETURNING 1$$
        """);
    Connection connection = guarded("");
    assertThatThrownBy(() -> ids(connection, "SELECT id FROM ml.store_v, ml.revoke_now()"))
        .hasMessageContaining("[RG101]");
  }

  @Test
  void certifiedAgainWhileTheStatementRunsIsNotEnough() throws SQLException {
    admin(
        """
        CREATE FUNCTION ml.certify_now() RETURNS int LANGUAGE sql VOLATILE AS
          $$UPDATE audit.t0_cert_registry SET certified_at = now() RETURNING 1$$
        """);
    Connection connection = guarded("");
    assertThatThrownBy(() -> ids(connection, "SELECT id FROM ml.store_v, ml.certify_now()"))
        .hasMessageContaining("[RG002]");
  }

  @Test
  void inRepeatableReadTheSnapshotsRowMustBeThePresentOne() throws SQLException {
    Connection connection = guarded("");
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    assertThat(ids(connection, "SELECT id FROM ml.raw")).hasSize(3);
    admin("UPDATE audit.t0_cert_registry SET certified_at = now()");
    assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG002]");
    connection.rollback();
    assertThat(ids(connection, READ)).hasSize(3);
  }

  @Test
  void aLevelSetByTextIsSeenToo() throws SQLException {
    Connection connection = guarded("");
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
      assertThat(ids(connection, "SELECT id FROM ml.raw")).hasSize(3);
      admin("UPDATE audit.t0_cert_registry SET certified_at = now()");
      assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG002]");
      statement.execute("ROLLBACK");
    }
    assertThat(ids(connection, READ)).hasSize(3);
  }

  @Test
  void aRefusalLeavesAnOpenTransactionUsable() throws SQLException {
    Connection connection = guarded("");
    connection.setAutoCommit(false);
    ids(connection, "SELECT id FROM ml.raw");
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG101]");
    assertThat(ids(connection, "SELECT id FROM ml.raw")).hasSize(3);
    connection.commit();
  }

  @Test
  void whatNoRollbackUndoesIsRefused() throws SQLException {
    Connection connection = guarded("");
    for (String sql :
        List.of(
            "COPY ml.store_v TO '/tmp/x'",
            "COPY (SELECT * FROM ml.store_v) TO PROGRAM 'cat'",
            "SELECT lo_export(1, '/tmp/x') FROM ml.store_v",
            "BEGIN; SELECT * FROM ml.store_v",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT * FROM ml.store_v")) {
      assertThatThrownBy(() -> run(connection, sql)).as(sql).hasMessageContaining("[RG203]");
    }
  }

  @Test
  void copiesOfCertifiedRowsAreKept() throws SQLException {
    Connection connection = guarded("");
    run(connection, "CREATE TABLE ml.copy AS SELECT * FROM ml.store_v");
    run(connection, "INSERT INTO ml.labels SELECT id, 1 FROM ml.store_v");
    run(connection, "DO $$BEGIN INSERT INTO ml.labels SELECT id, 2 FROM ml.store_v; END$$");
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(adminCount("ml.copy")).isEqualTo(3);
    assertThat(adminCount("ml.labels")).isEqualTo(6);
    connection.setAutoCommit(false);
    run(connection, "INSERT INTO ml.labels SELECT id, 3 FROM ml.store_v");
    connection.commit();
    assertThat(adminCount("ml.labels")).isEqualTo(9);
  }

  @Test
  void aCopyWhoseReleaseIsRefusedLeavesNothingBehind() throws SQLException {
    admin(
        """
        CREATE FUNCTION ml.revoke_now() RETURNS int LANGUAGE sql VOLATILE AS
          $$UPDATE audit.t0_cert_registry SET status = 'FAILED' RETURNING 1$$
        """);
    admin("CREATE TABLE ml.copy (id int)");
    String copy =
        "INSERT INTO ml.copy SELECT id FROM ml.store_v WHERE pg_advisory_xact_lock_shared(77) IS NOT NULL";
    Connection connection = guarded("");
    assertThatThrownBy(() -> whileRevoked(() -> run(connection, copy)))
        .hasMessageContaining("[RG101]");
    assertThat(connection.getAutoCommit()).isTrue();
    assertThat(adminCount("ml.copy")).isZero();

    admin("UPDATE audit.t0_cert_registry SET status = 'CERTIFIED'");
    connection.setAutoCommit(false);
    run(connection, "INSERT INTO ml.labels VALUES (7, 7)");
    assertThatThrownBy(() -> whileRevoked(() -> run(connection, copy)))
        .hasMessageContaining("[RG101]");
    connection.commit();
    assertThat(adminCount("ml.copy")).isZero();
    assertThat(adminCount("ml.labels")).isEqualTo(1);
  }

  private interface Sql {
    void run() throws SQLException;
  }

  /** Runs it; while it waits for advisory lock 77, another session revokes the certificate. */
  private void whileRevoked(Sql sql) throws SQLException {
    try (Connection other = postgres.connect(database)) {
      run(other, "SELECT pg_advisory_lock(77)");
      Thread revoking = new Thread(() -> revokeOnceSomebodyWaits(other));
      revoking.start();
      try {
        sql.run();
      } finally {
        join(revoking);
      }
    }
  }

  private static void revokeOnceSomebodyWaits(Connection other) {
    try {
      while (ids(
                  other,
                  "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                      + " AND database = (SELECT oid FROM pg_database"
                      + " WHERE datname = current_database())")
              .get(0)
          == 0) {
        run(other, "SELECT pg_sleep(0.01)");
      }
      run(other, "UPDATE audit.t0_cert_registry SET status = 'FAILED'");
      run(other, "SELECT pg_advisory_unlock(77)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anErrorOfARefusedStatementDoesNotCarryRows() throws SQLException {
    Connection connection = guarded("");
    String leak =
        "SELECT ('secret' || id)::int FROM ml.store_v WHERE pg_advisory_xact_lock_shared(77) IS NOT NULL";
    assertThatThrownBy(() -> whileRevoked(() -> run(connection, leak)))
        .hasMessageContaining("[RG101]")
        .hasMessageNotContaining("secret1")
        .cause()
        .hasMessageNotContaining("secret1")
        .hasFieldOrPropertyWithValue("SQLState", "22P02");
  }

  @Test
  void copiesCanBeDenied() throws SQLException {
    Connection connection = guarded("&guard.copies=deny");
    assertThatThrownBy(() -> run(connection, "CREATE TABLE ml.copy AS SELECT * FROM ml.store_v"))
        .hasMessageContaining("guard.copies=deny");
    assertThat(ids(connection, READ)).hasSize(3);
  }

  @Test
  void preparedAndDeclaredInSqlIsDecidedWhenItRuns() throws SQLException {
    Connection connection = guarded("");
    run(connection, "PREPARE p AS SELECT id FROM ml.store_v");
    run(connection, "PREPARE q AS SELECT id FROM ml.raw");
    assertThat(ids(connection, "EXECUTE p")).hasSize(3);
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThatThrownBy(() -> run(connection, "EXECUTE p")).hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> run(connection, "EXPLAIN ANALYZE EXECUTE p"))
        .hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> run(connection, "CREATE TABLE ml.copy AS EXECUTE p"))
        .hasMessageContaining("[RG101]");
    assertThat(ids(connection, "EXECUTE q")).hasSize(3);
    assertThatThrownBy(() -> run(connection, "EXECUTE nobody_knows"))
        .hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> run(connection, "PREPARE r AS SELECT id FROM ml.store_v; EXECUTE r"))
        .hasMessageContaining("[RG101]");
  }

  @Test
  void aCursorKeepsTheCertificateOfItsDeclare() throws SQLException {
    Connection connection = guarded("");
    connection.setAutoCommit(false);
    run(connection, "DECLARE c CURSOR FOR SELECT id FROM ml.store_v");
    assertThat(ids(connection, "FETCH 1 FROM c")).hasSize(1);
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThat(ids(connection, "FETCH ALL FROM c")).hasSize(2);
    assertThatThrownBy(() -> run(connection, "DECLARE d CURSOR FOR SELECT id FROM ml.store_v"))
        .hasMessageContaining("[RG101]");
    assertThatThrownBy(() -> run(connection, "FETCH ALL FROM d")).hasMessageContaining("[RG101]");
    connection.rollback();
  }

  @Test
  void whatASelectLeavesInTheSessionGoesWithItsRefusal() throws SQLException {
    Connection connection = guarded("");
    String keep =
        "SELECT set_config('leak.id', id::text, false) FROM ml.store_v"
            + " WHERE pg_advisory_xact_lock_shared(77) IS NOT NULL";
    assertThatThrownBy(() -> whileRevoked(() -> run(connection, keep)))
        .hasMessageContaining("[RG101]");
    assertThat(
            ids(connection, "SELECT coalesce(nullif(current_setting('leak.id', true), ''), '0')"))
        .containsExactly(0);
    admin("UPDATE audit.t0_cert_registry SET status = 'CERTIFIED'; CREATE SEQUENCE ml.leak");
    assertThatThrownBy(() -> run(connection, "SELECT setval('ml.leak', id) FROM ml.store_v"))
        .hasMessageContaining("setval(), which no rollback undoes")
        .hasMessageContaining("[RG203]");
    // Through the driver, which then knows it at once.
    run(
        connection,
        "CREATE FUNCTION ml.leaks(n bigint) RETURNS bigint LANGUAGE plpgsql"
            + " AS $$ BEGIN RETURN setval('ml.leak', n); END $$");
    assertThatThrownBy(() -> run(connection, "SELECT ml.leaks(id) FROM ml.store_v"))
        .hasMessageContaining("setval()")
        .hasMessageContaining("[RG203]");
  }

  @Test
  void aBatchThatCopiesIsOneDecision() throws SQLException {
    Connection connection = guarded("");
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("INSERT INTO ml.labels VALUES (1, 1)");
      statement.addBatch("INSERT INTO ml.labels SELECT id, 2 FROM ml.store_v");
      assertThat(statement.executeBatch()).containsExactly(1, 3);
      statement.addBatch("INSERT INTO ml.labels VALUES (1, 1)");
      statement.addBatch("INSERT INTO ml.labels SELECT id, 2 FROM ml.store_v");
      admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
      assertThatThrownBy(statement::executeBatch)
          .isInstanceOf(GuardRefusal.class)
          .hasMessageContaining("[RG101]");
    }
    assertThat(adminCount("ml.labels")).isEqualTo(4);
  }

  private int adminCount(String table) throws SQLException {
    return ids(admin, "SELECT count(*)::int FROM " + table).get(0);
  }

  @Test
  void aViewMadeInThisSessionIsGuardedAtOnce() throws SQLException {
    Connection connection = guarded("");
    run(connection, "CREATE TEMP VIEW hidden AS SELECT * FROM ml.store_v");
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThatThrownBy(() -> ids(connection, "SELECT id FROM hidden"))
        .hasMessageContaining("[RG101]");
  }

  @Test
  void aViewThatCodeMadeInThisTransactionMayBeAnything() throws SQLException {
    Connection connection = guarded("");
    connection.setAutoCommit(false);
    run(connection, "DO $$BEGIN EXECUTE 'CREATE TEMP VIEW w AS SELECT * FROM ml.store_v'; END$$");
    assertThat(ids(connection, "SELECT id FROM w")).hasSize(3);
    admin("UPDATE audit.t0_cert_registry SET status = 'FAILED'");
    assertThatThrownBy(() -> ids(connection, "SELECT id FROM w")).hasMessageContaining("[RG101]");
    connection.rollback();
  }

  @Test
  void withoutRegistryNothingThatNamesSomethingIsRead() throws SQLException {
    admin("DROP TABLE audit.t0_cert_registry");
    Connection connection = guarded("");
    assertThatThrownBy(() -> ids(connection, "SELECT id FROM ml.raw"))
        .hasMessageContaining("there is no registry audit.t0_cert_registry")
        .hasMessageContaining("refresher init")
        .hasMessageContaining("[RG003]");
    assertThat(ids(connection, "SELECT 1")).containsExactly(1);
    assertThat(connection.isValid(5)).isTrue();
  }

  @Test
  void aMissingRowIsNotCertifiedNeverNotGuarded() throws SQLException {
    Connection connection = guarded("&guard.entrypoints=ml.store_v");
    admin("DELETE FROM audit.t0_cert_registry");
    assertThatThrownBy(() -> ids(connection, READ)).hasMessageContaining("[RG102]");
  }

  @Test
  void unknownAndMalformedPropertiesFailTheConnect() {
    assertThatThrownBy(() -> guarded("&guard.maxage=5s"))
        .hasMessageContaining("guard.maxage")
        .hasMessageContaining("guard.maxAge")
        .hasMessageContaining("[RG901]");
    assertThatThrownBy(() -> guarded("&guard.maxAge=soon"))
        .hasMessageContaining("guard.maxAge=soon")
        .hasMessageContaining("24h");
    assertThatThrownBy(() -> guarded("&guard.validation=never"))
        .hasMessageContaining("leased or always");
  }

  @Test
  void anotherUrlIsNotOurs() throws SQLException {
    assertThat(new GuardedDriver().connect("jdbc:postgresql://localhost/x", new Properties()))
        .isNull();
  }

  private Connection guarded(String more) throws SQLException {
    Connection connection =
        Objects.requireNonNull(
            new GuardedDriver().connect(postgres.guardedUrl(database) + more, new Properties()));
    opened.add(connection);
    return connection;
  }

  private static List<Integer> ids(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<Integer> ids = new ArrayList<>();
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
      return ids;
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void admin(String sql) throws SQLException {
    run(admin, sql);
  }
}
