package io.guardedjdbc.refresher.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.guardedjdbc.refresher.exit.ExitCode;
import io.guardedjdbc.refresher.testing.Cli;
import io.guardedjdbc.refresher.testing.Hook;
import io.guardedjdbc.refresher.testing.Shop;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All or nothing, and never open and uncertified. */
@Tag("postgres14")
class AtomicRunTest {
  private static final String NEW_ORDER =
      "INSERT INTO shop.orders VALUES ('B-1', 'r1', '2026-05-01 23:50:00Z', 99, NULL, NULL)";
  private static final String BACKFILL =
      "UPDATE shop.orders SET amount = amount * 0.8 WHERE placed_at::date = (SELECT max(placed_at)::date - 30 FROM shop.orders)";

  private Shop shop;

  @BeforeEach
  void build() throws SQLException {
    shop = Shop.withBriefLeases();
  }

  @Test
  void readersSeeTheOldRowsUntilTheCommitAndTheNewOnesAfterIt() throws SQLException {
    String rows = shop.rows();
    String registry = shop.registry();
    shop.sql(NEW_ORDER);
    List<String> meanwhile = new ArrayList<>();
    RunResult result =
        Hook.run(
            shop,
            "publish",
            () -> {
              meanwhile.add(shop.rows());
              meanwhile.add(shop.registry());
            });
    assertThat(meanwhile).containsExactly(rows, registry);
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(shop.rows()).isNotEqualTo(rows);
    assertThat(shop.registry())
        .isEqualTo("CERTIFIED " + result.certificates().get(0).certificateId())
        .isNotEqualTo(registry);
  }

  @Test
  void anAtomicRunContinuesTheChain() throws SQLException {
    String chain = "SELECT chain_start FROM audit.t0_cert_registry";
    String first = shop.ask(chain);
    shop.sql(NEW_ORDER);
    shop.expectOk("run", "shop");
    assertThat(shop.ask(chain)).isEqualTo(first);
  }

  @Test
  void certifiedAtIsBeforeTheFirstInputWasRead() throws SQLException {
    String before = shop.ask("SELECT clock_timestamp()");
    RunResult result = Hook.run(shop, "refresh", () -> shop.sql("SELECT pg_sleep(0.05)"));
    String rowTime =
        shop.ask(
            "SELECT certified_at >= '"
                + before
                + "' AND certified_at < (SELECT min(started_at) FROM audit.run_step WHERE kind = 'refresh' AND run_id = "
                + result.header().runId()
                + ") FROM audit.t0_cert_registry");
    assertThat(rowTime).isEqualTo("t");
    assertThat(shop.ask("SELECT refreshed_at = certified_at FROM audit.t0_cert_registry"))
        .isEqualTo("t");
  }

  @Test
  void allViewsAreOfOneSnapshotWhateverHappensBetweenTwoOfThem() throws SQLException {
    String rows = shop.rows();
    RunResult result =
        Hook.run(
            shop,
            "shop.orders_mv",
            () -> shop.sql("UPDATE shop.orders SET score = 77 WHERE order_no = 'A-200'"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.CERTIFIED);
    assertThat(shop.rows()).as("what came between is for the next run").isEqualTo(rows);
    shop.expectOk("run", "shop");
    assertThat(shop.rows()).isNotEqualTo(rows);
  }

  @Test
  void theTableStepRunsInItsPlaceAndInTheSameTransaction() throws SQLException {
    shop.sql(
        "INSERT INTO shop.orders VALUES ('B-2', 'r1', '2026-01-05 10:00:00Z', 5000, NULL, NULL)");
    String rate = "SELECT rate FROM shop.rates WHERE region = 'r1'";
    String before = shop.ask(rate);
    List<String> meanwhile = new ArrayList<>();
    RunResult result = Hook.run(shop, "data", () -> meanwhile.add(shop.ask(rate)));
    assertThat(meanwhile).containsExactly(before);
    assertThat(result.steps())
        .extracting(StepResult::object)
        .containsSubsequence("shop.daily_mv", "rebuild-rates", "shop.orders_mv");
    assertThat(result.outcome())
        .as("the rates of old rows changed")
        .isEqualTo(RunResult.Outcome.FAILED);
    assertThat(shop.ask(rate)).as("rolled back with everything else").isEqualTo(before);
  }

  @Test
  void aFailedDataGateLeavesOldRowsAndOldCertificate() throws SQLException {
    String rows = shop.rows();
    String registry = shop.registry();
    shop.sql(BACKFILL);
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(result.out())
        .contains(
            "FAILED gate    dataset-hash",
            "amount",
            "Dataset hash drift",
            "Next: refresher baseline propose shop")
        .contains("rolled back, nothing was published");
    assertThat(shop.rows()).isEqualTo(rows);
    assertThat(shop.registry()).isEqualTo(registry);
    assertThat(shop.lastRun()).startsWith("failed: dataset-hash failed; readers see certificate");
    assertThat(
            shop.ask(
                "SELECT count(*) FROM audit.finding WHERE gate = 'dataset-hash' AND run_id = (SELECT max(run_id) FROM audit.run)"))
        .isEqualTo("1");
    assertThat(shop.expectOk("explain", "shop").out()).contains("Backfill upstream", "amount");
  }

  @Test
  void aFailedDefinitionGateClosesTheStoreAndTheDataGatesStillReport() throws SQLException {
    shop.sql(
        "CREATE FUNCTION shop.fresh(t timestamptz) RETURNS boolean LANGUAGE sql AS $$ SELECT t < now() $$;"
            + "CREATE OR REPLACE VIEW shop.features_v AS SELECT order_no, shop.region_name(region) AS region, placed_at, day, amount, rate, day_total,"
            + " in_time AND shop.fresh(placed_at) AS in_time, coalesce(late__score, 0) AS late__score FROM shop.orders_mv");
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(result.out())
        .contains("FAILED gate    time-of-query", "shop.fresh(timestamp with time zone)")
        .contains("FAILED gate    definition-drift", "Viewdef drift")
        .contains("FAILED gate    sla-leakage", "SLA leakage", "late__score")
        .contains("the store is closed")
        .doesNotContain("refresh shop");
    assertThat(shop.registry()).startsWith("FAILED");
    assertThat(shop.ask("SELECT failed_gate FROM audit.t0_cert_registry"))
        .isEqualTo("time-of-query");
    assertThat(shop.ask("SELECT notes FROM audit.t0_cert_registry"))
        .contains("time-of-query, definition-drift failed");
  }

  @Test
  void aForbiddenObjectInTheClosureIsNamedWithItsPath() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE VIEW shop.features_v AS SELECT o.order_no, shop.region_name(o.region) AS region, o.placed_at, o.day, o.amount, o.rate, o.day_total,"
            + " o.in_time, o.late__score FROM shop.orders_mv o LEFT JOIN shop.returns_v r USING (order_no)");
    Cli.Result result = shop.cli().run("run", "shop", "--json");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out())
        .contains("forbidden-dependency", "shop.returns_v", "known only after the sale");
  }

  @Test
  void aStoreThatWasNeverCertifiedIsClosedByAFailedDataGate() throws SQLException {
    Shop bare = Shop.bare();
    bare.expectOk("init", Shop.yaml().toString());
    bare.approve();
    bare.sql(BACKFILL);
    assertThat(bare.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(bare.registry()).startsWith("FAILED");
  }

  @Test
  void withoutBaselinesNothingIsCertified() throws SQLException {
    Shop bare = Shop.bare();
    bare.expectOk("init", Shop.yaml().toString());
    Cli.Result result = bare.cli().run("run", "shop");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out())
        .contains("the gate checked nothing", "Next: refresher baseline propose shop")
        .doesNotContain("Viewdef drift");
    assertThat(bare.registry()).startsWith("FAILED");
  }

  @Test
  void aFailedStoreIsCertifiedAgainOnceItIsRepaired() throws SQLException {
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(code) $$");
    assertThat(shop.cli().run("run", "shop").exit()).isEqualTo(1);
    assertThat(shop.registry()).startsWith("FAILED");
    shop.sql(
        "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(code) $$");
    shop.expectOk("run", "shop");
    assertThat(shop.registry()).startsWith("CERTIFIED");
  }

  @Test
  void aDefinitionChangedWhileTheRunWasAtWorkIsFoundBeforeTheCommit() throws SQLException {
    String rows = shop.rows();
    shop.sql(NEW_ORDER);
    RunResult result =
        Hook.run(
            shop,
            "publish",
            () ->
                shop.sql(
                    "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT code || '' $$"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
    assertThat(shop.registry()).startsWith("FAILED");
    assertThat(shop.rows()).as("the new order is not published").isNotEqualTo(rows);
    assertThat(shop.ask("SELECT count(*) FROM shop.features_v WHERE order_no = 'B-1'"))
        .isEqualTo("0");
  }

  @Test
  void aDefinitionThatMakesADataGateFailClosesTheStore() throws SQLException {
    RunResult result =
        Hook.run(
            shop,
            "data",
            () ->
                shop.sql(
                    "CREATE OR REPLACE FUNCTION shop.region_name(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT code || '' $$"));
    assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
    assertThat(shop.registry()).as("code is live at once").startsWith("FAILED");
  }

  @Test
  void anotherWritersCertificateIsNotOverwritten() throws SQLException {
    RunResult result =
        Hook.run(
            shop,
            "data",
            () ->
                shop.sql(
                    "UPDATE audit.t0_cert_registry SET status = 'REVOKED', notes = 'by hand'"));
    assertThat(result.exitCode()).isEqualTo(ExitCode.COULD_NOT_CHECK);
    assertThat(result.failure().orElseThrow().lines().get(0)).startsWith("Overtaken:");
    assertThat(shop.registry()).startsWith("REVOKED");
    assertThat(shop.lastRun()).startsWith("error: Overtaken");
  }

  @Test
  void anIndexThatWasDroppedIsADefinitionThatDrifted() throws SQLException {
    shop.sql("DROP INDEX shop.daily_mv_day_region_idx");
    Cli.Result result = shop.cli().run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(1);
    assertThat(result.out()).contains("CREATE UNIQUE INDEX ON shop.daily_mv");
    assertThat(shop.registry()).startsWith("FAILED");
  }

  @Test
  void aRoleThatDoesNotOwnTheViewsIsToldTheGrant() throws SQLException {
    shop.sql(
        "DROP ROLE IF EXISTS shop_owner; CREATE ROLE shop_owner; ALTER MATERIALIZED VIEW shop.daily_mv OWNER TO shop_owner;"
            + "DROP ROLE IF EXISTS shop_runner; CREATE ROLE shop_runner LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA audit TO shop_runner;"
            + "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA audit TO shop_runner; GRANT USAGE ON SCHEMA shop TO shop_runner");
    String url =
        io.guardedjdbc.testing.Postgres.shared()
            .url("jdbc:postgresql:", shop.database(), "shop_runner");
    Cli.Result result = new Cli(url).run("run", "shop");
    assertThat(result.exit()).as(result.toString()).isEqualTo(3);
    assertThat(result.err())
        .contains("No permission to refresh shop.daily_mv: it belongs to shop_owner", "GRANT ");
    Cli.Result plan = new Cli(url).run("plan", "shop");
    assertThat(plan.out() + plan.err())
        .containsOnlyOnce("it belongs to shop_owner")
        .contains("atomic")
        .doesNotContain("CREATE UNIQUE INDEX", "can't be refreshed CONCURRENTLY");
    shop.sql("DROP INDEX shop.daily_mv_day_region_idx");
    assertThat(new Cli(url).run("plan", "shop").out())
        .contains("staged: shop.daily_mv can't be refreshed CONCURRENTLY: no valid unique index");
  }

  @Test
  void aJvmInTokyoRefreshesTheSameRows() throws SQLException {
    String rows = shop.rows();
    TimeZone here = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
      Cli.Result result = shop.expectOk("run", "shop");
      assertThat(result.out()).contains("shop.daily_mv", "unchanged").doesNotContain("+");
    } finally {
      TimeZone.setDefault(here);
    }
    assertThat(shop.rows()).isEqualTo(rows);
    assertThat(
            shop.ask("SELECT settings ->> 'TimeZone' FROM audit.run ORDER BY run_id DESC LIMIT 1"))
        .isEqualTo("UTC");
  }

  @Test
  void certifyPublishesWithoutARefreshAndClosesOnBadRows() throws SQLException {
    String refreshed = shop.ask("SELECT refreshed_at FROM audit.t0_cert_registry");
    shop.expectOk("certify", "shop");
    assertThat(shop.registry()).startsWith("CERTIFIED");
    assertThat(shop.ask("SELECT refreshed_at FROM audit.t0_cert_registry")).isEqualTo(refreshed);
    shop.sql(BACKFILL);
    shop.sql("REFRESH MATERIALIZED VIEW shop.orders_mv");
    assertThat(shop.cli().run("certify", "shop").exit()).isEqualTo(1);
    assertThat(shop.registry()).startsWith("FAILED");
  }

  @Test
  void aFileGivenToRunBecomesThePolicyAndALoosenedGateIsShown() throws SQLException {
    String yaml =
        Shop.resource("shop/shop.yaml")
            .replace("  time-of-query: {}\n", "")
            .replace("lease: 10s", "lease: 3s");
    Cli.Result result = shop.expectOk("run", Shop.file("shop.yaml", yaml).toString());
    assertThat(result.out()).contains("looser than before: gate time-of-query is no longer run");
    assertThat(shop.ask("SELECT lease FROM audit.t0_cert_registry")).isEqualTo("00:00:03");
  }

  @Test
  void theHistoryHasARowAStepAndTheSettings() throws SQLException {
    Map<String, Object> json = shop.expectOk("run", "shop", "--json").json();
    assertThat(json).containsEntry("exit_code", 0);
    String run = shop.ask("SELECT max(run_id) FROM audit.run");
    assertThat(
            shop.ask(
                "SELECT string_agg(kind || ' ' || outcome, ', ' ORDER BY step) FROM audit.run_step WHERE run_id = "
                    + run))
        .isEqualTo(
            "gate passed, gate warned, gate passed, refresh ok, sql ok, refresh ok, gate passed, gate passed, publish ok, analyze ok, analyze ok");
    assertThat(shop.ask("SELECT settings ->> 'search_path' FROM audit.run WHERE run_id = " + run))
        .isEqualTo("pg_catalog, pg_temp");
  }
}
