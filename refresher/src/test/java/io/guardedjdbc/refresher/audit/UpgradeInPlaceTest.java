package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A database that runs the runbook's own system keeps all of it. */
@Tag("postgres14")
class UpgradeInPlaceTest {
  private static final String RUNBOOK =
      """
      CREATE SCHEMA audit;
      CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL, certified_at timestamptz DEFAULT now(),
        checked_days int, details jsonb);
      INSERT INTO audit.t0_cert_registry VALUES ('ml.store_v', 'certified', '2026-01-01', 3, '{}'), ('ml.alias_v', 'CERTIFIED', '2020-01-01', NULL, NULL);
      CREATE TABLE audit.t0_viewdef_baseline (entrypoint text, object_fqn text, relkind "char", viewdef_sha256 text, captured_at timestamptz,
        PRIMARY KEY (entrypoint, object_fqn));
      INSERT INTO audit.t0_viewdef_baseline VALUES ('ml.store_v', 'ml.store_v', 'v', 'abc', now());
      CREATE FUNCTION audit.require_certified(entry text, max_age interval DEFAULT '1 day') RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE FUNCTION audit.cert_guard(entry text, age interval) RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE FUNCTION audit.dataset_sha256(regclass, date, int) RETURNS text LANGUAGE sql AS 'SELECT 1::text';
      CREATE PROCEDURE audit.run_t0_cert_store() LANGUAGE sql AS $$
        UPDATE audit.t0_cert_registry SET status = 'certified', certified_at = now() WHERE entrypoint = 'ml.store_v' $$;
      CREATE PROCEDURE audit.refresh_and_certify_store(p_raise boolean) LANGUAGE sql AS 'CALL audit.run_t0_cert_store()';
      """;

  @Test
  void keepsRowsFunctionsAndBaselinesAndGivesIds() throws SQLException {
    try (AuditDatabase database = AuditDatabase.withoutSchema()) {
      database.run(RUNBOOK);
      String functions =
          "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'audit'::regnamespace AND proname IN"
              + " ('require_certified', 'cert_guard', 'dataset_sha256', 'run_t0_cert_store', 'refresh_and_certify_store') ORDER BY oid";
      var before = database.list(functions);
      AuditDatabase.migrate(database.connection());
      assertThat(database.list(functions)).isEqualTo(before);
      assertThat(
              database.list(
                  "SELECT concat_ws(' ', entrypoint, status, chain_start = certificate_id, lease, checked_days) FROM audit.t0_cert_registry ORDER BY 1"))
          .containsExactly("ml.alias_v CERTIFIED t 00:00:00", "ml.store_v certified t 00:00:00 3");
      assertThat(database.list("SELECT operation FROM audit.certificate_history"))
          .containsExactly("ADOPT", "ADOPT");
      assertThat(database.list("SELECT viewdef_sha256 FROM audit.t0_viewdef_baseline"))
          .containsExactly("abc");
      assertThat(
              database.value(
                  "SELECT to_regprocedure('audit.require_certified_strict(text, interval)') IS NOT NULL"))
          .isEqualTo("t");
    }
  }

  @Test
  void itsOwnProcedureGoesOnAndTakesPartInTheIds() throws SQLException {
    try (AuditDatabase database = AuditDatabase.withoutSchema()) {
      database.run(RUNBOOK);
      AuditDatabase.migrate(database.connection());
      long before =
          database.number(
              "SELECT certificate_id FROM audit.t0_cert_registry WHERE entrypoint = 'ml.store_v'");
      database.run("CALL audit.refresh_and_certify_store(true)");
      assertThat(
              database.value(
                  "SELECT (certificate_id > ? AND chain_start = certificate_id AND lease = '0') FROM audit.t0_cert_registry WHERE entrypoint = 'ml.store_v'",
                  before))
          .isEqualTo("t");
      assertThat(
              database.value(
                  "SELECT store IS NULL AND max_age_ms IS NULL AND lease_ms = 0 FROM audit.certificate_look() WHERE entrypoint = 'ml.store_v'"))
          .isEqualTo("t");
    }
  }

  @Test
  void aPolicyNextToTheirProceduresLeavesThemAlone() throws SQLException {
    try (AuditDatabase database = AuditDatabase.withoutSchema()) {
      database.run(RUNBOOK);
      AuditDatabase.migrate(database.connection());
      database.run("CREATE SCHEMA ml");
      database.run("CREATE VIEW ml.store_v AS SELECT 1 AS id, date '2026-01-01' AS day");
      database.run(
          "SELECT audit.apply_policy('{\"store\": \"store\", \"entrypoint\": \"ml.store_v\", \"key_columns\": [\"id\"], \"anchor_column\": \"day\"}', 'd')");
      assertThat(
              database.list(
                  "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'audit'::regnamespace AND proname ~ '_store$' AND prokind = 'p' ORDER BY 1"))
          .containsExactly("audit.refresh_and_certify_store(boolean)", "audit.run_t0_cert_store()");
      assertThat(
              database.value(
                  "SELECT prosrc FROM pg_proc WHERE proname = 'refresh_and_certify_store'"))
          .isEqualTo("CALL audit.run_t0_cert_store()");
    }
  }

  @Test
  void aRegistryThatDemandsATimeOrOneOfTwoStatusesCanBeClosed() throws SQLException {
    for (String demand :
        List.of(
            "certified_at timestamptz NOT NULL DEFAULT now()",
            "certified_at timestamptz DEFAULT now(), CHECK (status IN ('CERTIFIED', 'FAILED'))",
            "certified_at timestamptz NOT NULL, checked_days int NOT NULL, CONSTRAINT stated CHECK (lower(status) IN ('certified', 'failed'))")) {
      Shop shop = Shop.bare();
      shop.sql(
          "CREATE SCHEMA audit; CREATE TABLE audit.t0_cert_registry (entrypoint text PRIMARY KEY, status text NOT NULL, "
              + demand
              + ")");
      String yaml = Shop.resource("shop/shop.yaml").replace("lease: 10s", "lease: 40ms");
      Cli.Result init = shop.expectOk("init", Shop.file("shop.yaml", yaml).toString());
      assertThat(init.out())
          .contains("audit.t0_cert_registry: dropped")
          .containsPattern(
              demand.contains("NOT NULL") ? "NOT NULL of column certified_at" : "CHECK")
          .doesNotContain("column status", "column entrypoint");
      shop.approve();
      shop.expectOk("run", "shop");
      assertThat(shop.registry()).as(demand).startsWith("CERTIFIED");
      shop.expectOk("run", "shop", "--mode", "staged");
      shop.expectOk("seal", "shop");
      shop.sql("REFRESH MATERIALIZED VIEW shop.orders_mv");
      assertThat(shop.registry()).as(demand).startsWith("REVOKED");
      shop.expectOk("seal", "shop", "--remove");
      shop.expectOk("run", "shop");
      shop.sql(
          "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(code)'");
      Cli.Result failed = shop.cli().run("run", "shop");
      assertThat(failed.exit()).as(failed.toString()).isEqualTo(1);
      assertThat(shop.registry()).as(demand).startsWith("FAILED");
    }
  }

  @Test
  void theFunctionsCanBeAppliedAgain() throws SQLException {
    try (AuditDatabase database = AuditDatabase.withPolicy()) {
      AuditDatabase.repeat(database.connection());
      database.run("CALL audit.refresh_and_certify_shop(true)");
      AuditDatabase.repeat(database.connection());
      assertThat(database.registry("status")).isEqualTo("CERTIFIED");
    }
  }
}
