package io.guardedjdbc.refresher.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("postgres14")
class StoreProceduresTest {
  private static final String RUN = "CALL audit.refresh_and_certify_shop(true)";

  private AuditDatabase database;

  @BeforeEach
  void create() throws SQLException {
    database = AuditDatabase.withPolicy();
    // A run over what is closed waits for leases.
    database.run("UPDATE audit.entrypoint_policy SET lease = '40 ms'");
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void refreshesCertifiesAndPublishesInOneTransaction() throws SQLException {
    database.run("UPDATE shop.sale SET price = 3 WHERE sale_id = 1");
    database.run(RUN);
    assertThat(
            database.registry(
                "concat_ws(' ', status, lease, viewdef_objects, dataset_days, policy_digest, failed_gate)"))
        .isEqualTo("CERTIFIED 00:00:00.04 6 3 digest");
    assertThat(database.value("SELECT price FROM shop.features_v WHERE sale_id = 1"))
        .isEqualTo("3.00");
    assertThat(
            database.list(
                "SELECT concat_ws(' ', kind, object, outcome) FROM audit.run_step ORDER BY step"))
        .containsExactly(
            "gate forbidden-dependency passed",
            "gate time-of-query passed",
            "gate definition-drift passed",
            "refresh shop.base_mv done",
            "refresh shop.daily_mv done",
            "gate sla-leakage passed",
            "gate dataset-hash passed");
    assertThat(database.value("SELECT mode || ' ' || outcome FROM audit.run"))
        .isEqualTo("atomic certified");
    String first = database.registry("certificate_id");
    database.run("CALL audit.refresh_and_certify_shop()");
    assertThat(database.registry("chain_start"))
        .isEqualTo(first)
        .isNotEqualTo(database.registry("certificate_id"));
  }

  @Test
  void aFailedDataGateTakesTheRefreshBackAndLeavesTheOldCertificate() throws SQLException {
    database.run(RUN);
    String certificate = database.registry("certificate_id");
    badPrices();
    assertThat(database.failure(RUN))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("RG101")
                    .contains("gate dataset-hash failed: 2026-04-01: price in 5 rows"));
    assertThat(database.registry("certificate_id || status")).isEqualTo(certificate + "CERTIFIED");
    assertThat(database.value("SELECT price FROM shop.features_v WHERE sale_id = 432"))
        .isEqualTo("82.00");
    assertThat(database.list("SELECT outcome FROM audit.run ORDER BY run_id"))
        .containsExactly("certified", "failed");
    assertThat(
            database.list(
                "SELECT outcome FROM audit.run_step WHERE run_id = 2 AND kind = 'refresh'"))
        .containsExactly("rolled back", "rolled back");
    assertThat(database.list("SELECT gate || ' ' || message FROM audit.finding"))
        .containsExactly(
            "dataset-hash 2026-04-01: price in 5 rows, e.g. (1,432) price: 82.00 → 7.00");
  }

  @Test
  void withoutRaisingItOnlyWarns() throws SQLException {
    database.run(RUN);
    badPrices();
    database.run("CALL audit.refresh_and_certify_shop(false)");
    assertThat(database.list("SELECT outcome FROM audit.run ORDER BY run_id"))
        .containsExactly("certified", "failed");
  }

  @Test
  void aFailedDataGateWithoutAnyCertificateSaysFailed() throws SQLException {
    badPrices();
    assertThat(database.failure(RUN)).isPresent();
    assertThat(database.registry("status || ' ' || failed_gate")).isEqualTo("FAILED dataset-hash");
  }

  @Test
  void aFailedDefinitionGateRevokesAndRefreshesNothing() throws SQLException {
    database.run(RUN);
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(p)'");
    assertThat(database.failure(RUN))
        .hasValueSatisfying(message -> assertThat(message).contains("definition-drift"));
    assertThat(database.registry("status || ' ' || failed_gate"))
        .isEqualTo("FAILED definition-drift");
    assertThat(database.list("SELECT object FROM audit.run_step WHERE run_id = 2 ORDER BY step"))
        .containsExactly(
            "forbidden-dependency",
            "time-of-query",
            "definition-drift",
            "sla-leakage",
            "dataset-hash");
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT pg_catalog.lower(p) $$");
    database.run(RUN);
    assertThat(database.registry("status || (chain_start = certificate_id)"))
        .isEqualTo("CERTIFIEDtrue");
  }

  @Test
  void certifyingAloneJudgesTheRowsThatAreThere() throws SQLException {
    database.run("CALL audit.run_t0_cert_shop()");
    assertThat(database.registry("status || ' ' || lease")).isEqualTo("CERTIFIED 00:00:00");
    badPrices();
    database.run("REFRESH MATERIALIZED VIEW shop.base_mv");
    database.run("CALL audit.run_t0_cert_shop()");
    assertThat(database.registry("status || ' ' || failed_gate")).isEqualTo("FAILED dataset-hash");
  }

  @Test
  void insideOfATransactionEverythingIsTheCallers() throws SQLException {
    database.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    database.run(RUN);
    database.run("ROLLBACK");
    assertThat(database.list("SELECT status FROM audit.t0_cert_registry")).isEmpty();
    database.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    database.run(RUN);
    database.run("COMMIT");
    assertThat(database.registry("status")).isEqualTo("CERTIFIED");
  }

  @Test
  void aSecondRunGivesUpAtOnceAndNamesTheHolder() throws SQLException {
    try (Connection other = database.another("postgres")) {
      AuditDatabase.run(
          other, "SELECT pg_advisory_lock(hashtext('guardedjdbc'), hashtext('shop'))");
      String holder = AuditDatabase.list(other, "SELECT pg_backend_pid()").get(0);
      assertThat(database.failure(RUN))
          .hasValueSatisfying(
              message ->
                  assertThat(message)
                      .startsWith("RG003")
                      .contains(
                          "another run of store shop holds the lock (backend " + holder + ")"));
    }
  }

  @Test
  void aViewThatCannotBeRefreshedConcurrentlyIsAnErrorWithTheWay() throws SQLException {
    database.run("DROP INDEX shop.daily_mv_day_idx");
    database.approveWhatIsThere();
    assertThat(database.failure(RUN))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("55000")
                    .contains("shop.daily_mv can't be refreshed CONCURRENTLY"));
    assertThat(database.value("SELECT outcome FROM audit.run")).isEqualTo("error");
  }

  @Test
  void actsForEveryStoreWhoseClosureItChanges() throws SQLException {
    secondStore();
    database.run("CALL audit.run_t0_cert_days()");
    String before =
        database.value(
            "SELECT certificate_id FROM audit.t0_cert_registry WHERE entrypoint = 'shop.days_v'");
    database.run(RUN);
    assertThat(
            database.list(
                "SELECT entrypoint || ' ' || status FROM audit.t0_cert_registry WHERE certificate_id > "
                    + before
                    + " ORDER BY 1"))
        .containsExactly("shop.days_v CERTIFIED", "shop.features_v CERTIFIED");
    database.run(
        "INSERT INTO audit.relation_rule VALUES ('days', 'forbidden', 'shop.daily_mv', 'test')");
    assertThat(database.failure(RUN))
        .hasValueSatisfying(
            message -> assertThat(message).contains("store days: gate forbidden-dependency"));
    assertThat(
            database.list(
                "SELECT entrypoint || ' ' || status FROM audit.t0_cert_registry ORDER BY 1"))
        .containsExactly("shop.days_v FAILED", "shop.features_v CERTIFIED");
  }

  @Test
  void hostileSearchPathAndSettingsChangeNothing() throws SQLException {
    database.run("CREATE SCHEMA evil");
    for (String type : List.of("text", "int", "bigint", "oid", "name")) {
      database.run(
          "CREATE FUNCTION evil.eq("
              + type
              + ", "
              + type
              + ") RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END'");
      database.run(
          "CREATE OPERATOR evil.= (LEFTARG = "
              + type
              + ", RIGHTARG = "
              + type
              + ", FUNCTION = evil.eq)");
      database.run(
          "CREATE OPERATOR evil.<> (LEFTARG = "
              + type
              + ", RIGHTARG = "
              + type
              + ", FUNCTION = evil.eq)");
    }
    database.run(
        "CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END'");
    database.run(
        "CREATE FUNCTION evil.format(text, text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END'");
    database.run("SET search_path = evil, pg_catalog, audit");
    database.run("SET TimeZone = 'Asia/Tokyo'");
    database.run(RUN);
    database.run("CALL audit.run_t0_cert_shop()");
    assertThat(database.list("SHOW search_path")).containsExactly("evil, pg_catalog, audit");
    assertThat(database.list("SHOW TimeZone")).containsExactly("Asia/Tokyo");
    database.run("RESET search_path");
    assertThat(database.registry("status")).isEqualTo("CERTIFIED");
  }

  @Test
  void itsCommitIsOnDiskAndItsRowsAreAllRows() throws SQLException {
    database.run("CREATE TABLE public.seen (at_commit text, rows text)");
    database.run(
        "CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO public.seen VALUES (current_setting('synchronous_commit'), NULL); RETURN NULL; END $$");
    database.run(
        "CREATE CONSTRAINT TRIGGER look AFTER INSERT OR UPDATE ON audit.t0_cert_registry DEFERRABLE INITIALLY DEFERRED"
            + " FOR EACH ROW EXECUTE FUNCTION public.look()");
    database.run(
        "CREATE FUNCTION public.look_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " INSERT INTO public.seen VALUES (NULL, current_setting('row_security') || ' ' || current_setting('xmloption')); RETURN NULL; END $$");
    database.run(
        "CREATE TRIGGER look_now AFTER INSERT OR UPDATE ON audit.t0_cert_registry FOR EACH ROW EXECUTE FUNCTION public.look_now()");
    database.run("SET synchronous_commit = off");
    database.run("SET xmloption = document");
    database.run("SET standard_conforming_strings = off");
    database.run("SET quote_all_identifiers = on");
    database.run("CALL audit.refresh_and_certify_shop(true)");
    assertThat(
            database.list("SELECT DISTINCT coalesce(at_commit, rows) FROM public.seen ORDER BY 1"))
        .containsExactly("off content", "on");
    assertThat(database.list("SHOW xmloption")).containsExactly("document");
    assertThat(database.list("SHOW standard_conforming_strings")).containsExactly("off");
    assertThat(database.list("SHOW quote_all_identifiers")).containsExactly("on");
  }

  @Test
  void theProceduresFollowThePolicyAndNeverReplaceAForeignOne() throws SQLException {
    database.run("CREATE PROCEDURE audit.run_t0_cert_other(p_x int) LANGUAGE sql AS 'SELECT 1'");
    database.run(
        "SELECT audit.apply_policy(?::jsonb || '{\"procedure_suffix\": \"other\"}', 'd2')",
        AuditDatabase.POLICY);
    assertThat(
            database.list(
                "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'audit'::regnamespace AND prokind = 'p' ORDER BY 1::text"))
        .containsExactlyInAnyOrder(
            "audit.run_t0_cert_other(integer)",
            "audit.refresh_and_certify_other(boolean)",
            "audit.refresh_and_certify(text,boolean,boolean)");
  }

  @Test
  void theRunbooksGuardsAnswerAfterARun() throws SQLException {
    assertThat(
            database.failure(
                "SELECT audit.require_certified('shop.features_v', interval '24 hours')"))
        .hasValueSatisfying(message -> assertThat(message).startsWith("RG102"));
    database.run(RUN);
    database.run("SELECT audit.require_certified('shop.features_v', interval '24 hours')");
    database.run("SELECT audit.require_certified_strict('shop.features_v', interval '24 hours')");
    assertThat(database.failure("SELECT audit.require_certified('shop.features_v', interval '0')"))
        .hasValueSatisfying(message -> assertThat(message).startsWith("RG001"));
    database.run(
        "CREATE OR REPLACE FUNCTION shop.clean(p text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(p)'");
    database.run("SELECT audit.require_certified('shop.features_v', interval '24 hours')");
    assertThat(
            database.failure(
                "SELECT audit.require_certified_strict('shop.features_v', interval '24 hours')"))
        .hasValueSatisfying(
            message -> assertThat(message).startsWith("RG101").contains("definitions"));
  }

  private void badPrices() throws SQLException {
    database.run(
        "UPDATE shop.sale SET price = 7 WHERE (sold_at AT TIME ZONE 'UTC')::date = '2026-04-01'");
  }

  private void secondStore() throws SQLException {
    database.run("CREATE VIEW shop.days_v AS SELECT day, sales FROM shop.daily_mv");
    database.run(
        "SELECT audit.apply_policy('{\"store\": \"days\", \"entrypoint\": \"shop.days_v\", \"key_columns\": [\"day\"], \"anchor_column\": \"day\","
            + " \"forbidden\": [\"legacy.*\"], \"gates\": {\"forbidden-dependency\": {}}}', 'd')");
  }
}
