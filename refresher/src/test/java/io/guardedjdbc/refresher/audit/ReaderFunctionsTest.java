package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class ReaderFunctionsTest {
  private AuditDatabase database;
  private Connection reader;

  @BeforeEach
  void create() throws SQLException {
    database = AuditDatabase.withPolicy();
    database.run(
        "DO $$ BEGIN IF to_regrole('audit_reader') IS NULL THEN CREATE ROLE audit_reader LOGIN; END IF; END $$");
    database.run("CALL audit.refresh_and_certify_shop(true)");
    database.run(
        "CREATE VIEW shop.train_v AS SELECT * FROM shop.features_v WHERE audit.cert_guard('shop.features_v', interval '24 hours')");
    database.run("GRANT USAGE ON SCHEMA shop TO audit_reader");
    database.run("GRANT SELECT ON shop.train_v TO audit_reader");
    reader = database.another("audit_reader");
  }

  @AfterEach
  void close() throws SQLException {
    reader.close();
    database.close();
  }

  @Test
  void aRoleWithoutGrantsLooksAtCertificatesAndPolicies() throws SQLException {
    assertThat(
            read(
                "SELECT concat_ws(' ', entrypoint, status, certificate_id = chain_start, max_age_ms, max_data_age_ms, lease_ms, store, failed_gate) FROM audit.certificate_look()"))
        .containsExactly("shop.features_v CERTIFIED t 86400000 10000 shop");
    assertThat(
            read(
                "SELECT concat_ws(' ', entrypoint, store, closure, rule, pattern) FROM audit.guard_policy() ORDER BY rule NULLS FIRST"))
        .containsExactly(
            "shop.features_v shop deny", "shop.features_v shop deny refused legacy.old_mv");
    for (String table :
        List.of(
            "t0_cert_registry",
            "certificate_history",
            "entrypoint_policy",
            "run",
            "dataset_baseline_key")) {
      assertThat(AuditDatabase.failure(reader, "SELECT * FROM audit." + table))
          .hasValueSatisfying(message -> assertThat(message).startsWith("42501"));
    }
  }

  @Test
  void aRoleWithoutGrantsCannotWrite() throws SQLException {
    for (String call :
        List.of(
            "SELECT audit.begin_run('shop', 'atomic', 'x', 'x')",
            "SELECT audit.revoke(NULL, 'shop.features_v', 'FAILED', 'x', 'x')",
            "SELECT audit.publish_certificate(1, 'shop.features_v', 1, now(), now(), NULL)",
            "SELECT audit.finish_run(1, 'certified', 'x')",
            "SELECT audit.enter_publishing(1, 'shop.features_v')",
            "SELECT audit.record_finding(1, 's', 'g', 'warn', 'o', NULL, NULL, NULL, NULL, 'm', NULL)",
            "SELECT audit.apply_policy('{}', 'x')",
            "SELECT audit.approve_baseline(1, 'x', 'x', NULL)",
            "SELECT audit.propose_baseline('shop')",
            "CALL audit.refresh_and_certify_shop(true)",
            "CALL audit.run_t0_cert_shop()")) {
      assertThat(AuditDatabase.failure(reader, call))
          .describedAs(call)
          .hasValueSatisfying(message -> assertThat(message).startsWith("42501"));
    }
  }

  @Test
  void theGuardedViewReadsWhileCertifiedAndRefusesAfterwards() throws SQLException {
    assertThat(read("SELECT count(*) FROM shop.train_v")).containsExactly("480");
    database.run("SELECT audit.revoke(NULL, 'shop.features_v', 'FAILED', 'sla-leakage', 'x')");
    assertThat(AuditDatabase.failure(reader, "SELECT count(*) FROM shop.train_v"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("RG101")
                    .contains("Not certified: shop.features_v is FAILED: gate sla-leakage"));
    database.run("SELECT audit.revoke(NULL, 'shop.features_v', 'REFRESHING', NULL, 'x')");
    assertThat(AuditDatabase.failure(reader, "SELECT count(*) FROM shop.train_v"))
        .hasValueSatisfying(message -> assertThat(message).startsWith("RG002"));
  }

  @Test
  void aRowUnderTheNameOfAnAliasMeansNothing() throws SQLException {
    database.run(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('shop.train_v', 'CERTIFIED')");
    database.run("SELECT audit.revoke(NULL, 'shop.features_v', 'FAILED', 'sla-leakage', 'x')");
    assertThat(
            AuditDatabase.failure(
                reader, "SELECT audit.require_certified('shop.train_v', interval '24 hours')"))
        .hasValueSatisfying(message -> assertThat(message).contains("shop.features_v is FAILED"));
  }

  @Test
  void aViewThatTheListOfAliasesLeavesOutIsRefused() throws SQLException {
    database.run("CREATE VIEW shop.stray_v AS SELECT * FROM shop.features_v");
    for (String name : List.of("shop.train_v", "shop.stray_v")) {
      assertThat(require(name)).as(name).isEmpty();
    }
    database.run(
        "INSERT INTO audit.relation_rule (store, rule, pattern) VALUES ('shop', 'alias', 'shop.train*')");
    assertThat(require("shop.train_v")).isEmpty();
    assertThat(require("shop.features_v")).isEmpty();
    assertThat(require("shop.stray_v"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("RG202")
                    .contains(
                        "shop.stray_v is not among the aliases that the policy of store shop lists; read shop.features_v"));
  }

  @Test
  void anAliasOfAnAliasIsAsCertifiedAsTheEntrypoint() throws SQLException {
    database.run("CREATE VIEW shop.upon_v AS SELECT * FROM shop.train_v");
    assertThat(require("shop.upon_v")).isEmpty();
    database.run("SELECT audit.revoke(NULL, 'shop.features_v', 'FAILED', 'sla-leakage', 'x')");
    assertThat(require("shop.upon_v"))
        .hasValueSatisfying(message -> assertThat(message).contains("shop.features_v is FAILED"));
  }

  @Test
  void aViewOnTopOfTwoEntrypointsIsAsCertifiedAsBothWhateverItsOwnRowSays() throws SQLException {
    database.run("CREATE VIEW shop.days_v AS SELECT * FROM shop.daily_mv");
    database.run(
        "INSERT INTO audit.entrypoint_policy (entrypoint, store, procedure_suffix, key_columns, anchor_column, config, config_digest)"
            + " VALUES ('shop.days_v', 'days', 'days', '{day}', 'day', '{}', 'x')");
    database.run(
        "CREATE VIEW shop.both_v AS SELECT f.sale_id, d.day FROM shop.features_v f, shop.days_v d");
    database.run(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('shop.both_v', 'CERTIFIED')");
    assertThat(require("shop.both_v"))
        .hasValueSatisfying(
            message -> assertThat(message).contains("shop.days_v has no certificate"));
    database.run(
        "INSERT INTO audit.t0_cert_registry (entrypoint, status) VALUES ('shop.days_v', 'CERTIFIED')");
    database.run("DELETE FROM audit.t0_cert_registry WHERE entrypoint = 'shop.both_v'");
    assertThat(require("shop.both_v")).isEmpty();
  }

  @Test
  void aMaterializedCopyHasNoCertificate() throws SQLException {
    database.run("CREATE MATERIALIZED VIEW shop.copy_mv AS SELECT sale_id FROM shop.features_v");
    assertThat(require("shop.copy_mv"))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("RG102")
                    .contains("shop.copy_mv has no certificate"));
  }

  private Optional<String> require(String name) throws SQLException {
    return AuditDatabase.failure(
        reader, "SELECT audit.require_certified('" + name + "', interval '24 hours')");
  }

  @Test
  void lowerCaseStatusOfAnOldProcedureIsUnderstoodAndAFutureOneIsNot() throws SQLException {
    database.run("UPDATE audit.t0_cert_registry SET status = 'certified', certified_at = now()");
    assertThat(read("SELECT audit.cert_guard('shop.features_v', interval '1 hour')"))
        .containsExactly("t");
    database.run("UPDATE audit.t0_cert_registry SET certified_at = now() + interval '1 minute'");
    assertThat(
            AuditDatabase.failure(
                reader, "SELECT audit.cert_guard('shop.features_v', interval '1 hour')"))
        .hasValueSatisfying(
            message -> assertThat(message).startsWith("RG102").contains("no moment of the past"));
  }

  @Test
  void aReadersOwnOperatorsDoNotAnswerForOurs() throws SQLException {
    database.run("SELECT audit.revoke(NULL, 'shop.features_v', 'FAILED', 'sla-leakage', 'x')");
    database.run("CREATE SCHEMA IF NOT EXISTS audit_reader_own AUTHORIZATION audit_reader");
    AuditDatabase.run(
        reader,
        "CREATE FUNCTION audit_reader_own.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'");
    AuditDatabase.run(
        reader,
        "CREATE OPERATOR audit_reader_own.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = audit_reader_own.never)");
    AuditDatabase.run(
        reader,
        "CREATE FUNCTION audit_reader_own.upper(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'CERTIFIED'::text $$");
    AuditDatabase.run(reader, "SET search_path = audit_reader_own, pg_catalog");
    assertThat(
            AuditDatabase.failure(
                reader, "SELECT audit.cert_guard('shop.features_v', interval '1 hour')"))
        .isPresent();
  }

  @Test
  void everyDefinerFunctionPinsItsSearchPath() throws SQLException {
    assertThat(
            database.list(
                "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'audit'::regnamespace AND prosecdef"
                    + " AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)"))
        .isEmpty();
  }

  private List<String> read(String sql) throws SQLException {
    return AuditDatabase.list(reader, sql);
  }
}
