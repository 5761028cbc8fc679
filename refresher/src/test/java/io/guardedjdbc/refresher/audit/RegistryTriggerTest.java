package io.guardedjdbc.refresher.audit;

import static io.guardedjdbc.refresher.audit.AuditDatabase.ENTRYPOINT;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

@Tag("postgres14")
class RegistryTriggerTest {
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
  void everyWriteOfWhoeverGivesANewCertificateId() throws SQLException {
    database.run(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status, certificate_id) VALUES ('a.b', 'CERTIFIED', 7)");
    long first = database.number("SELECT certificate_id FROM audit.t0_cert_registry");
    database.run("UPDATE audit.t0_cert_registry SET certificate_id = 7, notes = 'x'");
    long second = database.number("SELECT certificate_id FROM audit.t0_cert_registry");
    assertThat(second).isGreaterThan(first);
    assertThat(first).isNotEqualTo(7);
  }

  @Test
  void anOldProceduresWriteHasNoLeaseAndStartsAChain() throws SQLException {
    long published = publish("atomic", -1);
    assertThat(database.registry("lease")).isEqualTo("00:00:10");
    database.run(
        "UPDATE audit.t0_cert_registry SET status = 'CERTIFIED', certified_at = now(), lease = '1 hour', chain_start = ?",
        published);
    assertThat(database.registry("lease")).isEqualTo("00:00:00");
    assertThat(database.registry("chain_start = certificate_id")).isEqualTo("t");
    assertThat(database.registry("refreshed_at IS NULL AND valid_until IS NULL")).isEqualTo("t");
  }

  @Test
  void atomicPublishesOverACertifiedRowContinueItsChain() throws SQLException {
    long first = publish("atomic", -1);
    long second = publish("atomic", first);
    long third = publish("atomic", second);
    assertThat(third).isGreaterThan(second);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(first));
    assertThat(database.registry("data_generation")).isEqualTo("3");
  }

  @Test
  void aStagedRunStartsAChain() throws SQLException {
    long first = publish("atomic", -1);
    long second = publish("staged", first);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(second));
  }

  @Test
  void certifyingAloneStartsAChainAndGrantsNoLease() throws SQLException {
    long first = publish("atomic", -1);
    long second = publish("certify", first);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(second));
    assertThat(database.registry("lease")).isEqualTo("00:00:00");
  }

  @Test
  void aRevokedRowIsNoLinkOfAChain() throws SQLException {
    publish("atomic", -1);
    database.run("SELECT audit.revoke(NULL, ?, 'FAILED', 'sla-leakage', 'found one')", ENTRYPOINT);
    assertThat(
            database.registry("status || ' ' || failed_gate || ' ' || (certified_at IS NOT NULL)"))
        .isEqualTo("FAILED sla-leakage true");
    long failed = Long.parseLong(database.registry("certificate_id"));
    long again = publish("atomic", failed);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(again));
    assertThat(database.registry("failed_gate")).isEqualTo("null");
  }

  @Test
  void redefinedViewsBreakTheChain() throws SQLException {
    long first = publish("atomic", -1);
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(p)'");
    long second = publish("atomic", first);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(second));
  }

  @Test
  void changesOfATableReadLiveBreakTheChain() throws SQLException {
    long first = publish("atomic", -1);
    database.run("UPDATE shop.release SET name = 'four'");
    long second = publish("atomic", first);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(second));
  }

  @Test
  void aPlainRefreshBySomebodyElseBreaksTheChainAndAConcurrentOneDoesNot() throws SQLException {
    long first = publish("atomic", -1);
    database.run("REFRESH MATERIALIZED VIEW CONCURRENTLY shop.base_mv");
    long second = publish("atomic", first);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(first));
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    long third = publish("atomic", second);
    assertThat(database.registry("chain_start")).isEqualTo(Long.toString(third));
  }

  @Test
  void anUpdateByHandInsideOfARunIsNoPublish() throws SQLException {
    long first = publish("atomic", -1);
    database.run("BEGIN");
    long run = begin("atomic");
    publish(run, first);
    database.run("UPDATE audit.t0_cert_registry SET notes = 'by hand'");
    database.run("COMMIT");
    assertThat(database.registry("chain_start = certificate_id")).isEqualTo("t");
    assertThat(database.registry("lease")).isEqualTo("00:00:00");
    assertThat(first).isLessThan(Long.parseLong(database.registry("chain_start")));
  }

  @Test
  void publishingOverAnotherCertificateIsOvertaken() throws SQLException {
    long first = publish("atomic", -1);
    database.run("UPDATE audit.t0_cert_registry SET notes = 'somebody was here'");
    long run = begin("atomic");
    assertThat(
            database.failure(
                "SELECT audit.publish_certificate(?, ?, ?, now(), now(), NULL)",
                run,
                ENTRYPOINT,
                first))
        .hasValueSatisfying(
            message -> assertThat(message).startsWith("RG002").contains("overtaken"));
    assertThat(
            database.failure(
                "SELECT audit.publish_certificate(?, ?, NULL, now(), now(), NULL)",
                run,
                ENTRYPOINT))
        .hasValueSatisfying(
            message -> assertThat(message).startsWith("RG002").contains("overtaken"));
  }

  @Test
  void anotherBackendCannotPublishForARun() throws SQLException {
    long run = begin("atomic");
    try (Connection other = database.another("postgres")) {
      assertThat(
              AuditDatabase.failure(
                  other,
                  "SELECT audit.publish_certificate(?, ?, NULL, now(), now(), NULL)",
                  run,
                  ENTRYPOINT))
          .hasValueSatisfying(message -> assertThat(message).startsWith("RG002"));
    }
  }

  @Test
  void aRunWhoseConnectionIsGoneIsMarkedInterruptedByTheNext() throws SQLException {
    try (Connection other = database.another("postgres")) {
      AuditDatabase.run(other, "SELECT audit.begin_run('shop', 'atomic', 'test', 'here')");
    }
    assertThat(database.value("SELECT outcome FROM audit.run")).isEqualTo("running");
    while (database.number(
            "SELECT count(*) FROM audit.run r JOIN pg_stat_activity a ON a.pid = r.backend_pid, pg_sleep(0.02)")
        > 0) {}
    begin("atomic");
    assertThat(database.list("SELECT outcome FROM audit.run ORDER BY run_id"))
        .containsExactly("interrupted", "running");
  }

  @Test
  void aLivingRunIsNotMarkedInterrupted() throws SQLException {
    try (Connection other = database.another("postgres")) {
      AuditDatabase.run(other, "SELECT audit.begin_run('shop', 'atomic', 'test', 'here')");
      begin("atomic");
      assertThat(database.list("SELECT outcome FROM audit.run ORDER BY run_id"))
          .containsExactly("running", "running");
    }
  }

  @Test
  void everyChangeIsInTheHistoryEvenDeleteAndTruncateAndReplicaMode() throws SQLException {
    publish("atomic", -1);
    database.run("SET session_replication_role = replica");
    database.run("UPDATE audit.t0_cert_registry SET notes = 'x'");
    database.run("RESET session_replication_role");
    database.run("DELETE FROM audit.t0_cert_registry");
    database.run(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('a.b', 'failed')");
    database.run("TRUNCATE audit.t0_cert_registry");
    assertThat(
            database.list(
                "SELECT operation || ' ' || entrypoint FROM audit.certificate_history ORDER BY history_id"))
        .containsExactly(
            "INSERT shop.features_v",
            "UPDATE shop.features_v",
            "DELETE shop.features_v",
            "INSERT a.b",
            "TRUNCATE a.b");
    assertThat(
            database.value(
                "SELECT row_before ->> 'status' FROM audit.certificate_history WHERE operation = 'DELETE'"))
        .isEqualTo("CERTIFIED");
  }

  @Test
  void theHistoryIsAppendOnly() throws SQLException {
    publish("atomic", -1);
    for (String sql :
        new String[] {
          "UPDATE audit.certificate_history SET notes = 'x'",
          "DELETE FROM audit.certificate_history",
          "TRUNCATE audit.certificate_history"
        }) {
      assertThat(database.failure(sql))
          .hasValueSatisfying(message -> assertThat(message).contains("append-only"));
    }
  }

  @Test
  void changesAreNotified() throws SQLException {
    database.run("LISTEN audit_certificate");
    try (Connection other = database.another("postgres")) {
      AuditDatabase.run(
          other,
          "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('a.b', 'FAILED')");
    }
    assertThat(database.connection().unwrap(PGConnection.class).getNotifications(5_000))
        .singleElement()
        .satisfies(notification -> assertThat(notification.getParameter()).isEqualTo("a.b"));
  }

  private long begin(String mode) throws SQLException {
    return database.number("SELECT audit.begin_run('shop', ?, 'test', 'here')", mode);
  }

  private long publish(String mode, long expected) throws SQLException {
    long run = begin(mode);
    long id = publish(run, expected);
    database.run("SELECT audit.finish_run(?, 'certified', NULL)", run);
    return id;
  }

  private long publish(long run, long expected) throws SQLException {
    return database.number(
        "SELECT audit.publish_certificate(?, ?, nullif(?, -1), now(), now(), NULL)",
        run,
        ENTRYPOINT,
        expected);
  }
}
