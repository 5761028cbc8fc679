package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a staged run asks of the registry. */
@Tag("postgres14")
class LongestLeaseTest {
  private static final String LONGEST = "SELECT audit.longest_lease('shop.features_v')::text";

  private AuditDatabase database;

  @BeforeEach
  void create() throws SQLException {
    database = AuditDatabase.withPolicy();
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void loweringTheSettingShortensNoLeaseThatIsOut() throws SQLException {
    publish("1 hour");
    publish("1 second");
    assertThat(ask(LONGEST)).isEqualTo("01:00:00");
    publish("1 second");
    assertThat(ask(LONGEST)).as("superseded a moment ago").isEqualTo("01:00:00");
    later("3 hours");
    assertThat(ask(LONGEST)).as("and by now it has run out").isEqualTo("00:00:01");
  }

  @Test
  void whatWasReplacedByOneTransactionAloneMayBeHeldUntilItsCommit() throws SQLException {
    publish("1 hour");
    publish("1 second");
    later("3 hours");
    assertThat(ask(LONGEST)).isEqualTo("01:00:00");
  }

  @Test
  void twoChangesOfOneTransactionAreOneReplacement() throws SQLException {
    publish("1 hour");
    database.run(
        "DO $$ BEGIN UPDATE audit.t0_cert_registry SET notes = 'a'; UPDATE audit.t0_cert_registry SET notes = 'b'; END $$");
    later("3 hours");
    assertThat(ask(LONGEST)).isEqualTo("01:00:00");
  }

  @Test
  void aRowThatIsBeingRefreshedStillCountsSoThatARestartWaitsInFull() throws SQLException {
    publish("1 hour");
    begin("staged");
    for (int i = 0; i < 3; i++) {
      database.run(
          "SELECT audit.revoke(max(run_id), 'shop.features_v', 'REFRESHING', NULL, NULL) FROM audit.run");
    }
    later("3 hours");
    assertThat(ask(LONGEST)).isEqualTo("01:00:00");
  }

  @Test
  void theFenceHoldsAsLongAsTheRowIsTheOneNamed() throws SQLException {
    publish("0");
    String fence = "SELECT audit.fence('{shop.features_v}', ARRAY[%s])";
    String id = database.registry("certificate_id");
    assertThat(ask(String.format(fence, id))).isEqualTo("t");
    database.run("UPDATE audit.t0_cert_registry SET notes = 'somebody else'");
    assertThat(ask(String.format(fence, id))).isEqualTo("f");
    assertThat(ask("SELECT audit.fence('{a.b}', '{1}')")).isEqualTo("f");
  }

  @Test
  void aStepIsNotAtomicWhereItTruncatesOrRedefines() throws SQLException {
    assertThat(why("DELETE FROM a; TRUNCATE a.b")).isEqualTo("it needs TRUNCATE");
    assertThat(why("/* x */ alter table a.b add c int")).isEqualTo("it needs ALTER");
    assertThat(why("DO $$ BEGIN IF true THEN TRUNCATE a.b; END IF; END $$"))
        .isEqualTo("it needs TRUNCATE");
    assertThat(
            why(
                "DELETE FROM a.b; -- ; TRUNCATE\n INSERT INTO a.b VALUES ('; drop', 1) /* ; DROP */"))
        .isEmpty();
    assertThat(why("/* a */ SELECT created, alter_ego FROM a; /* b */ TRUNCATE c"))
        .isEqualTo("it needs TRUNCATE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOCK TABLE a.b | LOCK in ACCESS EXCLUSIVE mode",
        "DELETE FROM a.b; lock only a.b, a.c nowait | LOCK in ACCESS EXCLUSIVE mode",
        "LOCK a.b IN ACCESS EXCLUSIVE MODE | LOCK in ACCESS EXCLUSIVE mode",
        "LOCK a.b IN SHARE MODE; LOCK a.c; DELETE FROM a.c | LOCK in ACCESS EXCLUSIVE mode",
        "DO $$ BEGIN LOCK TABLE a.b; END $$ | LOCK in ACCESS EXCLUSIVE mode",
        "REINDEX TABLE a.b | REINDEX",
        "CLUSTER a.b | CLUSTER",
        "REASSIGN OWNED BY a TO b | REASSIGN"
      })
  void aStepIsNotAtomicWhereReadersWaitForIt(String sql, String needs) throws SQLException {
    assertThat(why(sql)).isEqualTo("it needs " + needs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOCK TABLE a.b IN SHARE ROW EXCLUSIVE MODE; DELETE FROM a.b",
        "LOCK a.b IN EXCLUSIVE MODE NOWAIT",
        "lock table only a.b in row exclusive mode",
        "INSERT INTO a.lock SELECT lock, cluster, reindex FROM a.b",
        "ANALYZE a.b",
        "SELECT 1 FROM a.b FOR UPDATE"
      })
  void aStepIsAtomicWhereReadersDoNotWait(String sql) throws SQLException {
    assertThat(why(sql)).isEmpty();
  }

  private String why(String sql) throws SQLException {
    return ask("SELECT coalesce(audit.why_not_atomic($_$" + sql + "$_$), '')");
  }

  private String ask(String query) throws SQLException {
    return database.list(query).get(0);
  }

  private void begin(String mode) throws SQLException {
    database.run("SELECT audit.begin_run('shop', ?, 'test', 'test')", mode);
  }

  /** Publishes as a run with this lease in the policy. */
  private void publish(String lease) throws SQLException {
    database.run("UPDATE audit.entrypoint_policy SET lease = ?::interval", lease);
    begin("atomic");
    database.run(
        "SELECT audit.publish_certificate((SELECT max(run_id) FROM audit.run), 'shop.features_v',"
            + " (SELECT certificate_id FROM audit.t0_cert_registry), now(), now(), NULL)");
  }

  /** As if everything in the history had happened so much earlier. */
  private void later(String interval) throws SQLException {
    database.run("ALTER TABLE audit.certificate_history DISABLE TRIGGER guard_append_only");
    database.run(
        "UPDATE audit.certificate_history SET changed_at = changed_at - ?::interval", interval);
    database.run("ALTER TABLE audit.certificate_history ENABLE ALWAYS TRIGGER guard_append_only");
  }
}
